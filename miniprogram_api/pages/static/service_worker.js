// Keeps the client's own files, whole versions at a time, so that it opens without a network. Answers of the API are
// never kept here: what is a worker's own stays in the page's store and goes at sign-out.

/** @typedef {{version: string, files: string[], later: string[]}} Listing */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const LISTING = "/w/files.json";
const HOME = "/w/";
const PREFIX = "linghuo-";

/**
 * Fetch the listing, and its files if they changed; the old version goes only when the new one's files are there.
 *
 * @returns {Promise<() => Promise<void>>} fetches what the listing leaves for later
 */
async function renew() {
  const response = await fetch(LISTING, { cache: "no-cache" });
  if (!response.ok) throw new Error(`${LISTING}: ${response.status}`);
  /** @type {Listing} */
  const { version, files, later } = await response.json();
  const name = PREFIX + version;
  const store = await caches.open(name);
  if (!(await store.match(HOME))) {
    await store.addAll(fresh(files));
    const stale = (await caches.keys()).filter((other) => other.startsWith(PREFIX) && other !== name);
    await Promise.all(stale.map((other) => caches.delete(other)));
  }
  return async () => {
    if (!(await store.match(later[0] ?? HOME))) await store.addAll(fresh(later));
  };
}

/** All of them or none: addAll puts nothing when one of them fails. @param {string[]} files */
function fresh(files) {
  return files.map((file) => new Request(file, { cache: "no-cache" }));
}

worker.addEventListener("install", (event) => {
  event.waitUntil(
    renew().then((rest) => {
      rest().catch(() => undefined);
      return worker.skipWaiting();
    }),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate" && url.pathname === HOME) {
    event.respondWith(fromStore(HOME, request));
    // The next visit shows what is fetched now; without a network there is nothing to fetch.
    event.waitUntil(
      renew()
        .then((rest) => rest())
        .catch(() => undefined),
    );
  } else if (url.pathname !== LISTING) {
    event.respondWith(fromStore(url.pathname, request));
  }
});

/**
 * @param {string} path
 * @param {Request} request
 */
async function fromStore(path, request) {
  const kept = await caches.match(path, { ignoreSearch: true, ignoreVary: true });
  return kept ?? fetch(request);
}
