// What people call the witnesses, and what stands in records; whatever has no word is shown as it is.

/**
 * @typedef {{ title: string, fields: Record<string, string>, values: Record<string, string> }} Kind
 * @typedef {{ witnesses: Record<string, string>, kinds: Record<string, Kind> }} Words
 */

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?\+00:00$/;

/** @type {Words} */
let words = { witnesses: {}, kinds: {} };

/** Fetch the words; without them the page says what it would say, in the record's own names. */
export async function loadWords() {
  const answer = await fetch("words.json", { cache: "no-cache" });
  if (answer.ok) words = await answer.json();
}

/** @param {string} name of a witness in a policy */
export function nameWitness(name) {
  return words.witnesses[name] ?? name;
}

/** @param {string} kind */
export function nameKind(kind) {
  return words.kinds[kind]?.title ?? kind;
}

/**
 * @param {string} kind
 * @param {string} field
 */
export function nameField(kind, field) {
  return words.kinds[kind]?.fields[field] ?? field;
}

/**
 * The names of an object in the order in which people read them, unknown ones last.
 *
 * @param {string} kind
 * @param {string[]} names
 */
export function inOrder(kind, names) {
  const known = Object.keys(words.kinds[kind]?.fields ?? {});
  const place = (/** @type {string} */ name) => (known.includes(name) ? known.indexOf(name) : known.length);
  return [...names].sort((one, other) => place(one) - place(other));
}

/**
 * A value as people read it: with the code that was committed to behind its word, and nothing that is not seen.
 *
 * @param {string} kind
 * @param {string} value
 */
export function nameValue(kind, value) {
  const word = words.kinds[kind]?.values[value];
  if (word) return `${word}（${value}）`;
  if (TIME.test(value)) return `${shownTime(new Date(value)).slice(0, -3)}（${value}）`;
  return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** @param {Date} date shown as 2020-03-22 14:05:00, as in Shanghai */
export function shownTime(date) {
  return Number.isNaN(date.getTime())
    ? "（时间写法不对）"
    : date.toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" });
}

/** @param {string} character */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
