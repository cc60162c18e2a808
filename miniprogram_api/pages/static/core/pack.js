// Codes for stretches without a network: fetched ahead while there is one, a quarter of an hour each, for four hours at
// most and as long as the code is green. They lie encrypted on the phone.

import { post, random } from "./api.js";
import { isGood, serverNow } from "./code.js";
import { Refused } from "./http.js";
import * as locker from "./locker.js";

/** @typedef {import("../types.js").KeptCode} KeptCode */
/** @typedef {import("../types.js").KeptPack} KeptPack */
/** @typedef {import("../types.js").Pack} Pack */

const PREFIX = "pack.";
const LONGEST = 4 * 3600_000;
/** Asked for anew when so much of it is used up. */
const USED = 3600_000;
const LATER = new Set([429, 500, 502, 503, 504]);

/** The key of a request whose answer was lost: asking again gives the same pack. @type {Map<string, string>} */
const asked = new Map();

/**
 * @param {string} personId
 * @returns {Promise<KeptPack | null>} what lies on the phone
 */
export async function take(personId) {
  return /** @type {KeptPack | null} */ (await locker.take(PREFIX + personId));
}

/** @param {string} personId */
export async function forget(personId) {
  await locker.drop(PREFIX + personId);
}

/** Consent was withdrawn: nobody's codes stay on the phone. */
export async function forgetAll() {
  await Promise.all((await locker.names(PREFIX)).map(locker.drop));
}

/**
 * Have enough codes on the phone for whom it just fetched this code; none but for a green one.
 *
 * @param {string} personId
 * @param {KeptCode} fresh
 * @returns {Promise<KeptPack | null>} what lies on the phone now
 */
export async function keepAhead(personId, fresh) {
  const kept = await take(personId);
  if (fresh.code.colour !== "green") {
    await forget(personId);
    return null;
  }
  return kept && isEnough(kept, fresh) ? kept : fetchPack(personId, kept);
}

/**
 * @param {KeptPack} kept
 * @param {KeptCode} fresh
 */
function isEnough(kept, fresh) {
  const { since, until } = fresh.code;
  // The colour was another one in between: officers' phones refuse what was issued before.
  if (since && Date.parse(kept.pack.server_time) < Date.parse(since)) return false;
  const longest = serverNow(fresh) + LONGEST;
  const end = until ? Math.min(longest, Date.parse(until)) : longest;
  return Date.parse(endOf(kept)) >= end - USED;
}

/**
 * @param {string} personId
 * @param {KeptPack | null} kept
 * @returns {Promise<KeptPack | null>}
 */
async function fetchPack(personId, kept) {
  const key = asked.get(personId) ?? random();
  asked.set(personId, key);
  const began = Date.now();
  try {
    /** @type {Pack} */
    const pack = await post(`/people/${personId}/pack`, undefined, key);
    asked.delete(personId);
    const fresh = { pack, offset: Date.parse(pack.server_time) - (began + Date.now()) / 2 };
    await locker.put(PREFIX + personId, fresh);
    return fresh;
  } catch (fault) {
    if (!(fault instanceof Refused) || LATER.has(fault.status)) return kept;
    asked.delete(personId);
    await forget(personId);
    return null;
  }
}

/** @param {KeptPack} kept when its last code ends */
export function endOf({ pack }) {
  return pack.codes.at(-1)?.expires_at ?? pack.server_time;
}

/**
 * The code of a pack that is good now.
 *
 * @param {KeptPack} kept
 * @returns {KeptCode | null}
 */
export function codeNow(kept) {
  const { codes, ...shown } = kept.pack;
  const rest = { since: null, next_step: null };
  for (const { text, good_from, expires_at } of codes) {
    const code = { ...shown, ...rest, text, issued_at: good_from, expires_at };
    const made = { code, offset: kept.offset, offline_until: endOf(kept) };
    if (isGood(made)) return made;
  }
  return null;
}
