// What the phone keeps between visits: keys, the clock's difference, the chosen place, scans that wait for a network.
// A scan has an entry of its own, so that two windows never overwrite each other's.

/** @typedef {import("./types.js").Waiting} Waiting */

const PREFIX = "checkpoint.";
const SCANS = `${PREFIX}scan.`;
/** In milliseconds. What waited longer the server takes no more, and the phone keeps no longer. */
export const WEEK = 7 * 86_400_000;

/**
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @returns {T}
 */
export function load(name, otherwise) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function save(name, value) {
  localStorage.setItem(PREFIX + name, JSON.stringify(value));
}

/** @param {Waiting} scan */
export function keepScan(scan) {
  localStorage.setItem(SCANS + scan.request_key, JSON.stringify(scan));
}

/** @param {Waiting} scan */
export function dropScan(scan) {
  localStorage.removeItem(SCANS + scan.request_key);
}

/** @returns {Waiting[]} the oldest first */
export function waitingScans() {
  return Object.keys(localStorage)
    .filter((name) => name.startsWith(SCANS))
    .map((name) => load(name.slice(PREFIX.length), /** @type {Waiting | null} */ (null)))
    .filter((scan) => scan !== null)
    .filter((scan) => scan.scanned_at > Date.now() - WEEK || dropScan(scan))
    .sort((a, b) => a.scanned_at - b.scanned_at);
}
