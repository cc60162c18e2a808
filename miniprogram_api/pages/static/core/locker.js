// What lies on the phone encrypted: AES-GCM, by a key that the browser keeps and nobody can take out. Whoever copies the
// files of the browser reads nothing; at sign-out key and contents go together.

import { transact } from "./vault.js";

const PREFIX = "locker.";
const KEY = `${PREFIX}key`;
const ALL = () => IDBKeyRange.bound(PREFIX, `${PREFIX}\uffff`);

/** @returns {Promise<CryptoKey>} this phone's own, made at the first use */
async function key() {
  const known = await transact("readonly", (table) => table.get(KEY));
  if (known instanceof CryptoKey) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await transact("readwrite", (table) => table.add(made, KEY));
    return made;
  } catch {
    // Another tab was quicker.
    return /** @type {Promise<CryptoKey>} */ (transact("readonly", (table) => table.get(KEY)));
  }
}

/** @param {string} name @returns {BufferSource} what binds a content to its name, so that none passes for another */
function bound(name) {
  return new TextEncoder().encode(name);
}

/**
 * Keep a value encrypted. Without such a database, as in private windows, nothing is kept.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {Promise<boolean>} whether it is kept
 */
export async function put(name, value) {
  try {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(name) }, await key(), plain);
    await transact("readwrite", (table) => table.put({ iv, data }, PREFIX + name));
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} name
 * @returns {Promise<unknown>} null when nothing readable was kept
 */
export async function take(name) {
  try {
    const kept = /** @type {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer} | undefined} */ (
      await transact("readonly", (table) => table.get(PREFIX + name))
    );
    if (!kept) return null;
    const how = { name: "AES-GCM", iv: kept.iv, additionalData: bound(name) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, await key(), kept.data)));
  } catch {
    return null;
  }
}

/**
 * @param {string} start
 * @returns {Promise<string[]>} the names that begin so
 */
export async function names(start) {
  try {
    const found = /** @type {IDBValidKey[]} */ (await transact("readonly", (table) => table.getAllKeys(ALL())));
    return found.map((name) => String(name).slice(PREFIX.length)).filter((name) => name.startsWith(start));
  } catch {
    return [];
  }
}

/** @param {string} name */
export async function drop(name) {
  try {
    await transact("readwrite", (table) => table.delete(PREFIX + name));
  } catch {
    // Nothing was kept where nothing may be.
  }
}

/** Forget everything, and the key with it. */
export async function wipe() {
  try {
    await transact("readwrite", (table) => table.delete(ALL()));
  } catch {
    // Nothing was kept where nothing may be.
  }
}
