// The resident ID number of GB 11643, checked before it is sent; the server checks again.

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";

/**
 * As meant: half-width, without blanks, with a capital X.
 *
 * @param {string} typed
 */
export function tidyResidentId(typed) {
  return typed
    .normalize("NFKC")
    .replace(/[\s\-_.]/g, "")
    .replace(/[xX×✕╳]$/, "X");
}

/**
 * @param {string} number tidied
 * @param {string} today 2020-03-22
 * @returns {string} what is wrong in the worker's language, empty when nothing is
 */
export function faultOfResidentId(number, today) {
  if (number === "") return "请填身份证号。";
  if (/^\d{15}$/.test(number)) return "这是 15 位的旧号码，请填现在身份证上的 18 位号码。";
  if (number.length !== 18) return `身份证号是 18 位，现在是 ${number.length} 位，请对照身份证看看。`;
  if (!/^\d{17}[\dX]$/.test(number)) return "前 17 位都是数字，最后一位是数字或 X，请对照身份证看看。";
  const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isDay(born) || born > today) return `第 7 到 14 位是出生日期，“${number.slice(6, 14)}”不对，请看看。`;
  if (checkOf(number) !== number[17]) return "有一位填错了，请对照身份证从头到尾看一遍。";
  return "";
}

/** @param {string} day */
function isDay(day) {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** @param {string} number */
function checkOf(number) {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(number[i]), 0);
  return CHECKS[sum % 11];
}
