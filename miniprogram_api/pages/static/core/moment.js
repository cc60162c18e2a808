// Times as people in China read them. The server's clock counts, not the phone's.

const SHANGHAI = 8 * 3600_000;
const WEEKDAYS = "日一二三四五六";

/** @param {string | number} moment ISO text or milliseconds */
function local(moment) {
  const ms = typeof moment === "number" ? moment : Date.parse(moment);
  return new Date(ms + SHANGHAI);
}

/**
 * 2020-03-22 14:05
 *
 * @param {string | number} moment
 */
export function shown(moment) {
  return local(moment).toISOString().slice(0, 16).replace("T", " ");
}

/**
 * 2020-03-22
 *
 * @param {string | number} moment
 */
export function day(moment) {
  return local(moment).toISOString().slice(0, 10);
}

/**
 * 14:05:09
 *
 * @param {number} moment
 */
export function clock(moment) {
  return local(moment).toISOString().slice(11, 19);
}

/**
 * 3月22日 星期日
 *
 * @param {number} moment
 */
export function dayInWords(moment) {
  const date = local(moment);
  return `${date.getUTCMonth() + 1}月${date.getUTCDate()}日 星期${WEEKDAYS[date.getUTCDay()]}`;
}

/**
 * 3月24日 12:00
 *
 * @param {string} moment
 */
export function spoken(moment) {
  const date = local(moment);
  return `${date.getUTCMonth() + 1}月${date.getUTCDate()}日 ${shown(moment).slice(11)}`;
}

/**
 * 今天 18:30, 明天 09:00, else with the date.
 *
 * @param {string} moment
 * @param {number} now
 */
export function near(moment, now) {
  const [date, time] = shown(moment).split(" ");
  if (date === day(now)) return `今天 ${time}`;
  if (date === day(now + 24 * 3600_000)) return `明天 ${time}`;
  return `${date} ${time}`;
}

/**
 * 3 分 20 秒
 *
 * @param {number} ms
 */
export function left(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes ? `${minutes} 分 ${seconds % 60} 秒` : `${seconds} 秒`;
}
