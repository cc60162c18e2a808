// Keeps the client's own files, whole versions at a time, so that it opens without a network. Answers of the API are
// never kept here: what is a worker's own stays in the page's store and goes at sign-out.

/** @typedef {{version: string, files: string[]}} Listing */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const LISTING = "/w/files.json";
const HOME = "/w/";
const PREFIX = "linghuo-";

/** Fetch the listing, and all its files if they changed; the old version goes only when the new one is whole. */
async function renew() {
  const response = await fetch(LISTING, { cache: "no-cache" });
  if (!response.ok) throw new Error(`${LISTING}: ${response.status}`);
  /** @type {Listing} */
  const { version, files } = await response.json();
  const name = PREFIX + version;
  const store = await caches.open(name);
  if (await store.match(HOME)) return;
  // All of them or none: addAll puts nothing when one of them fails.
  await store.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
  const stale = (await caches.keys()).filter((other) => other.startsWith(PREFIX) && other !== name);
  await Promise.all(stale.map((other) => caches.delete(other)));
}

worker.addEventListener("install", (event) => {
  event.waitUntil(renew().then(() => worker.skipWaiting()));
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
    event.waitUntil(renew().catch(() => undefined));
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
