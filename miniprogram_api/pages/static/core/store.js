// What stays on the phone between visits. Everything here is the worker's own and goes at sign-out.

const PREFIX = "linghuo.";
const SETTINGS = new Set(["elder"]);

/**
 * @param {string} name
 * @returns {unknown} what was kept, null when nothing readable was
 */
export function get(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
export function set(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A full or forbidden store costs convenience only: the next visit signs in again.
  }
}

/** @param {string} name */
export function remove(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Nothing was kept where nothing may be.
  }
}

/** Drop all that belongs to the account; how large the letters are stays. */
export function forgetAll() {
  try {
    const own = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    for (const key of own) if (!SETTINGS.has(key.slice(PREFIX.length))) localStorage.removeItem(key);
  } catch {
    // Nothing was kept where nothing may be.
  }
}

/**
 * Call `changed` when another tab changes a name.
 *
 * @param {string} name
 * @param {() => void} changed
 */
export function onChange(name, changed) {
  addEventListener("storage", (event) => {
    if (event.key === PREFIX + name || event.key === null) changed();
  });
}
