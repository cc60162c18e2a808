// What the native pages share: handing over, and reading a failure of WeChat's calls.

/**
 * @typedef {object} Shell
 * @property {Record<string, string>} handed what the web-view takes over when it shows next
 */

/**
 * Give something to the worker's pages; the web-view takes it when it shows next.
 *
 * @param {Record<string, string>} given
 */
export function hand(given) {
  /** @type {Shell} */
  const shell = getApp();
  Object.assign(shell.handed, given);
}

/** @param {string} name whether it waits to be taken over */
export function holds(name) {
  /** @type {Shell} */
  const shell = getApp();
  return name in shell.handed;
}

/** @returns {string} the fragment of all that was handed, once; empty when nothing was */
export function takeHanded() {
  /** @type {Shell} */
  const shell = getApp();
  const pairs = Object.entries(shell.handed).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  shell.handed = {};
  return pairs.join("&");
}

/**
 * Whether the person said no, rather than something failing.
 *
 * @param {{errMsg: string}} fault
 */
export function saidNo({ errMsg }) {
  return /cancel|deny|denied|auth|disagree/i.test(errMsg);
}
