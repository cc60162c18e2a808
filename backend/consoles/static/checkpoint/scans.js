// One scan: asked of the server, or checked alone and sent later, exactly once by its key.

import { checkAlone } from "./alone.js";
import { dropScan, keepScan, waitingScans } from "./kept.js";
import { ask, Offline, PATIENCE, Refusal } from "./server.js";

/** @typedef {import("./types.js").Told} Told */
/** @typedef {import("./types.js").Waiting} Waiting */
/** @typedef {import("./types.js").Measured} Measured */

/**
 * The scan is kept before it is sent: a page that closes in between loses nothing.
 *
 * @param {string} text
 * @param {string | null} placeId
 * @param {string} operatorId
 * @returns {Promise<{told: Told, alone: boolean, key: string}>} what to show, and the scan's own key; throws Refusal when the server wants something else
 */
export async function check(text, placeId, operatorId) {
  const scan = begun(text, placeId, operatorId, null);
  keepScan(scan);
  try {
    const told = await uploadScan(scan);
    dropScan(scan);
    return { told, alone: false, key: scan.request_key };
  } catch (fault) {
    if (fault instanceof Offline) {
      const told = await checkAlone(text);
      keepScan({ ...scan, shown: told, waits: true });
      return { told, alone: true, key: scan.request_key };
    }
    if (!mayWait(fault)) dropScan(scan);
    throw fault;
  }
}

/**
 * A temperature of the person whose code was scanned; kept before it is sent, as the scan is.
 *
 * @param {string} text
 * @param {string | null} placeId
 * @param {string} operatorId
 * @param {number} temperature
 * @returns {Promise<Measured | null>} null when it waits for a network; throws Refusal when the server won't have it
 */
export async function measure(text, placeId, operatorId, temperature) {
  const taken = begun(text, placeId, operatorId, temperature);
  keepScan(taken);
  try {
    const measured = await uploadTemperature(taken);
    dropScan(taken);
    return measured;
  } catch (fault) {
    if (fault instanceof Offline) {
      keepScan({ ...taken, waits: true });
      return null;
    }
    if (!mayWait(fault)) dropScan(taken);
    throw fault;
  }
}

/**
 * @param {string} text
 * @param {string | null} placeId
 * @param {string} operatorId
 * @param {number | null} temperature
 * @returns {Waiting}
 */
function begun(text, placeId, operatorId, temperature) {
  return {
    request_key: crypto.randomUUID(),
    text,
    place_id: placeId,
    operator_id: operatorId,
    scanned_at: Date.now(),
    shown: null,
    waits: false,
    temperature,
  };
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
      (scan) => scan.operator_id === operatorId && (scan.waits || scan.scanned_at < asked),
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
    if (scan.temperature) {
      await uploadTemperature(scan);
      return true;
    }
    const told = await uploadScan(scan);
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
function uploadScan({ request_key, text, place_id, scanned_at }) {
  const phone_time = new Date().toISOString();
  return ask("scans", { request_key, text, place_id, phone_time, waited: waited(scanned_at) });
}

/**
 * @param {Waiting} taken
 * @returns {Promise<Measured>}
 */
function uploadTemperature({ request_key, text, place_id, scanned_at, temperature }) {
  return ask("temperatures", { request_key, text, place_id, temperature, waited: waited(scanned_at) });
}

/** @param {number} since */
function waited(since) {
  return Math.max(0, Date.now() - since) / 1000;
}
