// A verdict without the server: the code's own colour, by keys and clock that were fetched before.

import { readCode, Unreadable } from "./cose.js";
import { clockIsOff, clockOffset, keyList, SKEW, serverNow } from "./trust.js";

/** @typedef {import("./types.js").Claims} Claims */
/** @typedef {import("./types.js").Told} Told */
/** @typedef {import("./types.js").Outcome} Outcome */

const COLOUR_NAMES = { grey: "未申报", green: "绿码", yellow: "黄码", red: "红码" };
const OUTCOME_NAMES = {
  passes: "通过",
  refused: "不能通过",
  out_of_date: "码已过期",
  cannot_be_checked: "无法核验",
};
const FAULTS = {
  empty: ["没有扫到内容。", "请对准健康码重新扫描。"],
  place_code: ["这是场所码，不是健康码。", "请对方打开“健康码”页面再扫。"],
  other_system: ["这不是本平台的健康码，可能是别的系统的码。", "请对方打开灵活健康码再扫。"],
  cut: ["码不完整，有缺失或改动。", "请对方调亮屏幕、刷新健康码后重新扫描。"],
  unknown_key: ["签发这个码的密钥不认识。", "请联网更新密钥；仍不认识就核对身份证，按可疑处理。"],
  forged: ["签名不对，这个码可能是伪造的。", "请核对身份证，不要放行，报告负责人。"],
  retired_key: ["签发这个码的密钥已经停用。", "请对方刷新健康码；仍不行就报告负责人。"],
  ahead: ["码的签发时间比现在晚 2 分钟以上。", "请核对本机时间；时间没错就不要放行，报告负责人。"],
  clock: ["本机时间和服务器相差 2 分钟以上。", "请在手机设置里打开“自动确定时间”，再重新扫描。"],
  never_synced: ["本机还没有联网取得密钥和时间。", "请先联网一次，再到没有网络的地方使用。"],
};
const STEPS = {
  green: "核对身份证：姓名首字和后四位一致就放行。",
  grey: "请对方打开“健康申报”，申报后再扫。",
  yellow: "不要放行。测量体温，交给卫生人员。",
  red: "不要放行。请留在原地，联系卫生人员。",
};

/**
 * @param {string} text
 * @returns {Promise<Told>}
 */
export async function checkAlone(text) {
  const { keys } = keyList();
  if (keys.length === 0 || clockOffset() === null) return unreadable("never_synced");
  let claims;
  try {
    claims = await readCode(text, keys);
  } catch (fault) {
    return unreadable(fault instanceof Unreadable ? fault.fault : "cut");
  }
  if (clockIsOff()) return unreadable("clock");
  const now = serverNow();
  if (claims.issued * 1000 > now + SKEW) return unreadable("ahead");
  return decide(claims, now);
}

/** @param {keyof typeof FAULTS} fault @returns {Told} */
function unreadable(fault) {
  const [reason = "", next_step = ""] = FAULTS[fault];
  return { ...told("cannot_be_checked", reason, next_step), colour: null, colour_name: "" };
}

/**
 * A colour whose own end has passed is none; what it gave way to only the server knows.
 *
 * @param {Claims} claims
 * @param {number} now
 * @returns {Told}
 */
function decide(claims, now) {
  const ended = claims.until !== null && claims.until * 1000 <= now;
  const colour = ended && claims.colour === "green" ? "grey" : claims.colour;
  const person = {
    colour,
    colour_name: COLOUR_NAMES[colour],
    first_character: claims.first_character,
    last_four: claims.last_four,
  };
  if (now > claims.expires * 1000 + SKEW) {
    const reason = `这个码在 ${clockTime(claims.expires)} 已经过期。`;
    return { ...told("out_of_date", reason, "请对方刷新健康码后再扫，截图不能用。"), ...person };
  }
  const reason = `离线核验：码上是${COLOUR_NAMES[colour]}，联网后会再核对一次。`;
  return { ...told(colour === "green" ? "passes" : "refused", reason, STEPS[colour]), ...person };
}

/**
 * @param {Outcome} outcome
 * @param {string} reason
 * @param {string} next_step
 * @returns {Told}
 */
function told(outcome, reason, next_step) {
  return {
    outcome,
    outcome_name: OUTCOME_NAMES[outcome],
    colour: null,
    colour_name: "",
    reason,
    next_step,
    first_character: "",
    last_four: "",
    warning: "",
  };
}

/** @param {number} seconds */
function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
}
