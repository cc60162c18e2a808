// What a phone needs to check codes by itself: the issuers' keys and the right time, both fetched again and again.

import { readTime } from "./cose.js";
import { load, save } from "./kept.js";
import { ask } from "./server.js";

/** @typedef {import("./types.js").KeyList} KeyList */

export const SKEW = 120_000;
/** A slow answer says little about the time. */
const LONGEST_TRIP = 10_000;

/** @returns {KeyList} */
export function keyList() {
  return load("keys", { keys: [], fetched_at: 0 });
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

/** Fetch the keys, then the signed time. */
export async function renewTrust() {
  /** @type {KeyList} */
  const { keys } = await ask("keys");
  save("keys", { keys, fetched_at: Date.now() });
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const asked = Date.now();
  /** @type {{time: string}} */
  const { time } = await ask(`time?nonce=${nonce}`);
  const answered = Date.now();
  const signed = await readTime(time, nonce, keys);
  if (answered - asked <= LONGEST_TRIP) save("offset", Math.round(signed - (asked + answered) / 2));
}
