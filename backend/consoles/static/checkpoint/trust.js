// What a phone needs to check codes by itself: the issuers' keys, what is denied, and the right time, all of them signed
// and fetched again and again. What isn't signed by whom this phone believes, or is older than what it has, isn't taken.

import { readTime, Unreadable } from "./cose.js";
import { load, save } from "./kept.js";
import { believed, readDenied, readKeys } from "./lists.js";
import { ask } from "./server.js";

/** @typedef {import("./types.js").DeniedList} DeniedList */
/** @typedef {import("./types.js").KeyList} KeyList */
/** @typedef {import("./types.js").PublicKey} PublicKey */

export const SKEW = 120_000;
/** For so long is what a phone knows as good as asking. */
export const FRESH = 600_000;
/** From then on it is said before anybody passes. */
export const OLD = 3_600_000;
/** A key is known for a day before it signs: with an older list a phone may not know whose signature it is. */
export const KEYS_LAST = 86_400_000;
/** A slow answer says little about the time. */
const LONGEST_TRIP = 10_000;
const NOTHING = { dated: 0 };

/** The server gave what this phone doesn't believe; the sentence says what the officer should do. */
export class Doubtful extends Error {}

/** The signer is one for whom nobody vouched that this phone knows: only the officer can choose to believe it. */
export class Stranger extends Doubtful {}

/** @returns {KeyList} */
export function keyList() {
  return load("key_list", { keys: [], dated: 0 });
}

/** @returns {DeniedList} */
export function deniedList() {
  return load("denied_list", { heads: [], dated: 0 });
}

/** How far the server's clock is ahead of this phone's, in milliseconds; null when never asked. @returns {number | null} */
export function clockOffset() {
  return load("offset", /** @type {number | null} */ (null));
}

/** The server's time as this phone knows it, in milliseconds. */
export function serverNow() {
  return Date.now() + (clockOffset() ?? 0);
}

/** Whether this phone's clock is known to be off by more than two minutes. */
export function clockIsOff() {
  return Math.abs(clockOffset() ?? 0) > SKEW;
}

/** 12:03, with the date where it isn't today's. @param {number} moment */
export function at(moment) {
  const zone = { timeZone: "Asia/Shanghai", hour12: false };
  const [day, today] = [moment, serverNow()].map((one) => new Date(one).toLocaleDateString("zh-CN", zone));
  const time = new Date(moment).toLocaleTimeString("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit" });
  return day === today ? time : `${day} ${time}`;
}

/**
 * Fetch the keys, the signed time, and what is denied. Refuses: Doubtful, and Stranger among these.
 *
 * @param {boolean} [anew] believe whoever signs now, as at the first time, and take the place of all that is known
 */
export async function renewTrust(anew = false) {
  /** @type {{list: string, signers: string[], signer: PublicKey}} */
  const given = await ask("keys");
  // Whom to believe is learned once, with the first list, over TLS; after that only from who is believed already.
  const known = anew ? null : load("signer", /** @type {PublicKey | null} */ (null));
  const signers = await believed(given.signers, known ?? given.signer);
  const { signer, ...keys } = await sound(readKeys(given.list, signers));
  await setClock(keys);
  take("key_list", keys, anew ? NOTHING : keyList());
  save("signer", signer);
  /** @type {{list: string}} */
  const { list } = await ask("denied");
  take("denied_list", await sound(readDenied(list, signers)), anew ? NOTHING : deniedList());
}

/** @param {KeyList} list */
async function setClock({ keys }) {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const asked = Date.now();
  /** @type {{time: string}} */
  const { time } = await ask(`time?nonce=${nonce}`);
  const answered = Date.now();
  const signed = await sound(readTime(time, nonce, keys));
  if (answered - asked <= LONGEST_TRIP) save("offset", Math.round(signed - (asked + answered) / 2));
}

/**
 * @template T
 * @param {Promise<T>} reading
 */
async function sound(reading) {
  try {
    return await reading;
  } catch (fault) {
    if (!(fault instanceof Unreadable || fault instanceof DOMException)) throw fault;
    const strange = fault instanceof Unreadable && fault.fault === "unknown_key";
    throw new (strange ? Stranger : Doubtful)(
      "服务器给的名单签名不对，没有采用。请换一个网络再试；仍这样就报告负责人。",
    );
  }
}

/**
 * Keep a list, unless it is older than what is kept; by less than two minutes two servers may differ.
 *
 * @param {string} name
 * @param {KeyList | DeniedList} list
 * @param {{dated: number}} kept
 */
function take(name, list, kept) {
  if (list.dated > serverNow() + SKEW) throw new Doubtful("服务器给的名单日期在将来，没有采用。请报告负责人。");
  if (list.dated >= kept.dated) return save(name, list);
  if (list.dated < kept.dated - SKEW) {
    throw new Doubtful(`服务器给的名单（${at(list.dated)}）比本机的（${at(kept.dated)}）旧，没有采用。请报告负责人。`);
  }
}
