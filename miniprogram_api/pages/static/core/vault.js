// One value that all tabs see alike at once. What one tab writes to localStorage another may not see for a moment, in
// which it would use a refresh token twice and so end the sign-in; transactions of IndexedDB come one after another.

import * as store from "./store.js";

const DATABASE = "linghuo";
const TABLE = "kept";

/**
 * @param {string} name
 * @returns {Promise<unknown>} null when nothing was kept
 */
export async function read(name) {
  try {
    return (await transact("readonly", (table) => table.get(name))) ?? null;
  } catch {
    return store.get(name);
  }
}

/**
 * Keep a value; null removes it. It is kept when the promise is fulfilled.
 *
 * @param {string} name
 * @param {unknown} value
 */
export async function write(name, value) {
  try {
    await transact("readwrite", (table) => (value === null ? table.delete(name) : table.put(value, name)));
  } catch {
    // A browser without such a database in private windows: there the tabs may see each other late.
    store.set(name, value);
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((opened, failed) => {
    const asking = indexedDB.open(DATABASE, 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore(TABLE);
    asking.onsuccess = () => opened(asking.result);
    asking.onerror = () => failed(asking.error);
  });
}

/**
 * One transaction.
 *
 * @param {IDBTransactionMode} mode
 * @param {(table: IDBObjectStore) => IDBRequest} question
 * @returns {Promise<unknown>}
 */
export async function transact(mode, question) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(TABLE, mode);
      const asking = question(transaction.objectStore(TABLE));
      transaction.oncomplete = () => done(asking.result);
      transaction.onerror = () => failed(transaction.error);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}
