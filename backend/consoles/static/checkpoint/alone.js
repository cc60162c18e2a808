// A verdict without the server: the code's own colour, by keys and clock that were fetched before.

import { readCode, Unreadable } from "./cose.js";
import { at, clockIsOff, clockOffset, deniedList, FRESH, KEYS_LAST, keyList, OLD, SKEW, serverNow } from "./trust.js";

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
  not_yet: ["这个离线码还没有到使用的时候。", "请对方关掉截图，打开“健康码”页面再扫，页面会换成现在的码。"],
  clock: ["本机时间和服务器相差 2 分钟以上。", "请在手机设置里打开“自动确定时间”，再重新扫描。"],
  old_keys: [
    "本机的密钥名单超过一天没有更新，不知道有没有换过密钥。",
    "请联网一次再查验；急的话核对身份证，报告负责人。",
  ],
  never_synced: ["本机还没有联网取得密钥和时间。", "请先联网一次，再到没有网络的地方使用。"],
};
/** The code said green, and that is over; which colour it is now only the server knows. @type {Partial<Told>} */
const DENIED = { colour: null, colour_name: "离线码已作废" };
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
  const { keys, dated } = keyList();
  if (keys.length === 0 || clockOffset() === null) return unreadable("never_synced");
  let claims;
  try {
    claims = await readCode(text, keys);
  } catch (fault) {
    return unreadable(fault instanceof Unreadable ? fault.fault : "cut");
  }
  if (clockIsOff()) return unreadable("clock");
  const now = serverNow();
  if (now - dated > KEYS_LAST) return unreadable("old_keys");
  if ((claims.begins ?? claims.issued) * 1000 > now + SKEW) return unreadable(claims.begins ? "not_yet" : "ahead");
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
    issuer_name: claims.issuer_name,
  };
  if (now > claims.expires * 1000 + SKEW) {
    const reason = `这个码在 ${clockTime(claims.expires)} 已经过期。`;
    return { ...told("out_of_date", reason, "请对方刷新健康码后再扫，截图不能用。"), ...person };
  }
  if (claims.begins && isDenied(claims.head)) {
    const step = "请联网核对，或请对方联网刷新健康码再扫；都不行就核对身份证，交给卫生人员。";
    return { ...told("refused", "出码以后情况有变化，这个离线码已经作废。", step), ...person, ...DENIED };
  }
  const reason = `离线核验：码上是${COLOUR_NAMES[colour]}${listWords(claims)}。`;
  const verdict = { ...told(colour === "green" ? "passes" : "refused", reason, STEPS[colour]), ...person };
  return colour === "green" ? { ...verdict, ...asOf(claims, now) } : verdict;
}

/** @type {{heads: Set<string>, dated: number}} */
let denied = { heads: new Set(), dated: 0 };

/** @param {string} head */
function isDenied(head) {
  const { heads, dated } = deniedList();
  if (dated !== denied.dated) denied = { heads: new Set(heads), dated };
  return denied.heads.has(head);
}

/** How old the list is by which a code that was given ahead is checked. @param {Claims} claims */
function listWords({ begins }) {
  if (begins === null) return "";
  const { dated } = deniedList();
  return dated ? `，作废名单是 ${at(dated)} 的` : "，本机没有作废名单";
}

/**
 * Green as of when: the code was issued then, or the list of what is denied since was signed then.
 *
 * @param {Claims} claims
 * @param {number} now
 * @returns {Partial<Told>}
 */
function asOf({ begins, issued }, now) {
  const known = begins === null ? issued * 1000 : Math.max(issued * 1000, deniedList().dated);
  if (now - known <= FRESH) return {};
  const warning = now - known > OLD ? `只知道 ${at(known)} 以前的情况，有网络时请先联网更新。` : "";
  return { outcome_name: `截至 ${at(known)} 有效`, warning };
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
    issuer_name: "",
    warning: "",
  };
}

/** @param {number} seconds */
function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
}
