// One scan: asked of the server, or checked alone and sent later, exactly once by its key.

import { checkAlone } from "./alone.js";
import { dropScan, keepScan, waitingScans } from "./kept.js";
import { ask, Offline, PATIENCE, Refusal } from "./server.js";

/** @typedef {import("./types.js").Told} Told */
/** @typedef {import("./types.js").Waiting} Waiting */

/**
 * The scan is kept before it is sent: a page that closes in between loses nothing.
 *
 * @param {string} text
 * @param {string | null} placeId
 * @param {string} operatorId
 * @returns {Promise<{told: Told, alone: boolean}>} what to show; throws Refusal when the server wants something else
 */
export async function check(text, placeId, operatorId) {
  /** @type {Waiting} */
  const scan = {
    request_key: crypto.randomUUID(),
    text,
    place_id: placeId,
    operator_id: operatorId,
    scanned_at: Date.now(),
    shown: null,
  };
  keepScan(scan);
  try {
    const told = await upload(scan);
    dropScan(scan);
    return { told, alone: false };
  } catch (fault) {
    if (fault instanceof Offline) {
      const told = await checkAlone(text);
      keepScan({ ...scan, shown: told });
      return { told, alone: true };
    }
    if (!mayWait(fault)) dropScan(scan);
    throw fault;
  }
}

/**
 * Send what waits, oldest first, for the operator who scanned it; two windows don't send at once.
 *
 * @param {string} operatorId
 * @param {(scan: Waiting, told: Told) => void} differs told for each that the server judges otherwise than was shown
 */
export async function uploadWaiting(operatorId, differs) {
  await navigator.locks.request("checkpoint.upload", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const asked = Date.now() - PATIENCE;
    const ripe = waitingScans().filter(
      (scan) => scan.operator_id === operatorId && (scan.shown || scan.scanned_at < asked),
    );
    for (const scan of ripe) {
      if (await sent(scan, differs)) dropScan(scan);
      else return;
    }
  });
}

/**
 * @param {Waiting} scan
 * @param {(scan: Waiting, told: Told) => void} differs
 * @returns {Promise<boolean>} whether the server has it, or never will
 */
async function sent(scan, differs) {
  try {
    const told = await upload(scan);
    if (scan.shown && scan.shown.outcome !== told.outcome) differs(scan, told);
    return true;
  } catch (fault) {
    return fault instanceof Refusal && !mayWait(fault);
  }
}

/** @param {unknown} fault Signed out, or at another office: the scan itself is fine. */
function mayWait(fault) {
  return !(fault instanceof Refusal) || fault.status === 401 || fault.status === 403;
}

/**
 * @param {Waiting} scan
 * @returns {Promise<Told>}
 */
function upload({ request_key, text, place_id, scanned_at }) {
  const now = Date.now();
  const waited = Math.max(0, now - scanned_at) / 1000;
  return ask("scans", { request_key, text, place_id, phone_time: new Date(now).toISOString(), waited });
}
