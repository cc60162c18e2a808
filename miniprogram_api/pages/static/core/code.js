// The health code on the phone: kept for the minutes in which it is good, so that it shows without a network.

import { get } from "./api.js";
import * as store from "./store.js";

/** @typedef {import("../types.js").Code} Code */
/** @typedef {import("../types.js").KeptCode} KeptCode */

const SLACK = 10_000;

/** @param {string} personId */
function name(personId) {
  return `code.${personId}`;
}

/**
 * @param {string} personId
 * @returns {KeptCode | null} the last one, if it is still good
 */
export function kept(personId) {
  const found = /** @type {KeptCode | null} */ (store.get(name(personId)));
  return found && isGood(found) ? found : null;
}

/** @param {string} personId */
export function forget(personId) {
  store.remove(name(personId));
}

/**
 * A fresh one from the server, with what its clock says.
 *
 * @param {string} personId
 * @returns {Promise<KeptCode>}
 */
export async function fetchCode(personId) {
  const asked = Date.now();
  /** @type {Code} */
  const code = await get(`/people/${personId}/code`);
  const middle = (asked + Date.now()) / 2;
  const fresh = { code, offset: Date.parse(code.server_time) - middle };
  store.set(name(personId), fresh);
  return fresh;
}

/** @param {KeptCode} kept @returns {number} the server's time, milliseconds */
export function serverNow({ offset }) {
  return Date.now() + offset;
}

/**
 * When the code ends: by its own end, or earlier when its colour would change.
 *
 * @param {KeptCode} kept
 */
export function endOf({ code }) {
  const end = Date.parse(code.expires_at);
  return code.until ? Math.min(end, Date.parse(code.until)) : end;
}

/**
 * Whether it may be shown. A phone whose clock was set back doesn't make an old code good again.
 *
 * @param {KeptCode} kept
 */
export function isGood(kept) {
  const now = serverNow(kept);
  return now >= Date.parse(kept.code.issued_at) - SLACK && now < endOf(kept);
}
