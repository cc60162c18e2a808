// Keeps the page's own files, whole versions at a time, so that it opens without a network. Answers of the endpoints
// are never kept here.

{
  const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
  const [HOME, LISTING, ENDPOINTS, PREFIX] = [
    "/checkpoint/",
    "/checkpoint/files.json",
    "/checkpoint/api/",
    "checkpoint-",
  ];

  /** Fetch the listing, and all its files if they changed; the old version goes only when the new one is whole. */
  async function renew() {
    const response = await fetch(LISTING, { cache: "no-cache" });
    if (!response.ok) throw new Error(`${LISTING}: ${response.status}`);
    /** @type {{version: string, files: string[]}} */
    const { version, files } = await response.json();
    const name = PREFIX + version;
    const store = await caches.open(name);
    if (await store.match(HOME)) return;
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
    const { origin, pathname } = new URL(request.url);
    const own = origin === worker.location.origin && !pathname.startsWith(ENDPOINTS) && pathname !== LISTING;
    if (request.method !== "GET" || !own) return;
    event.respondWith(fromStore(request, pathname));
    // The next visit shows what is fetched now; without a network there is nothing to fetch.
    if (pathname === HOME) event.waitUntil(renew().catch(() => undefined));
  });

  /**
   * @param {Request} request
   * @param {string} pathname
   */
  async function fromStore(request, pathname) {
    const kept = await caches.match(pathname, { ignoreSearch: true, ignoreVary: true });
    return kept ?? fetch(request);
  }
}
