// The page's own database: photos that wait, and keys that nobody can take out of the browser.

export const [PHOTOS, KEYS] = ["photos", "keys"];
const DATABASE = "checkpoint";

/**
 * @param {IDBTransactionMode} mode
 * @param {string} name of the table
 * @param {(table: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<unknown>}
 */
export async function transact(mode, name, ask) {
  /** @type {IDBDatabase} */
  const database = await new Promise((done, failed) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => [PHOTOS, KEYS].map((table) => opening.result.createObjectStore(table));
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  try {
    return await new Promise((done, failed) => {
      const work = database.transaction(name, mode);
      const asked = ask(work.objectStore(name));
      work.oncomplete = () => done(asked.result);
      work.onabort = () => failed(work.error);
    });
  } finally {
    database.close();
  }
}
