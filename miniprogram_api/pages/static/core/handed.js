// What the mini program's shell hands over in the fragment, and an ordinary-link code in the query. It is read once
// and leaves the address at once: login codes belong in no history, log or store.

/** @typedef {import("../types.js").Handed} Handed */

const WAITING = "linghuo.scanned";

/** @returns {Handed} */
export function takeHanded() {
  const query = new URLSearchParams(location.search);
  const isRoute = location.hash === "" || location.hash.startsWith("#/");
  const given = new URLSearchParams(isRoute ? "" : location.hash.slice(1));
  /** @type {Handed} */
  const handed = {};
  const q = given.get("q") || query.get("q") || query.get("scene");
  if (q) handed.q = q;
  for (const name of /** @type {const} */ (["wx", "phone", "agreed", "page"])) {
    const value = given.get(name) ?? (name === "page" ? query.get(name) : null);
    if (value) handed[name] = value;
  }
  const position = readPosition(given);
  if (position) handed.position = position;
  if (!isRoute || location.search) history.replaceState(null, "", location.pathname + (isRoute ? location.hash : ""));
  return handed;
}

/**
 * The shell reads positions as wx.getLocation gives them: GCJ-02.
 *
 * @param {URLSearchParams} given
 * @returns {import("../types.js").Position | null}
 */
function readPosition(given) {
  const [lon, lat, accuracy] = (given.get("position") ?? "").split(",").map(Number);
  if (lon === undefined || lat === undefined || accuracy === undefined) return null;
  return [lon, lat, accuracy].every(Number.isFinite) ? { lon, lat, accuracy, datum: "gcj02" } : null;
}

/**
 * Keep a scanned text until the person has signed in and can use it.
 *
 * @param {string} q
 */
export function keepScanned(q) {
  sessionStorage.setItem(WAITING, q);
}

/** @returns {string} the scanned text that waits, once */
export function takeScanned() {
  const q = sessionStorage.getItem(WAITING) ?? "";
  sessionStorage.removeItem(WAITING);
  return q;
}

/** @type {import("../types.js").Position | null} */
let positioned = null;

/** @param {import("../types.js").Position} position */
export function keepPosition(position) {
  positioned = position;
}

/** The position that the shell read, once. */
export function takePosition() {
  const position = positioned;
  positioned = null;
  return position;
}

export function hasScanned() {
  return sessionStorage.getItem(WAITING) !== null;
}
