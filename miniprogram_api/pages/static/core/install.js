// The browser's offer to put the page on the home screen, kept until the person wants it.

/** @typedef {Event & {prompt: () => Promise<void>}} Offer */

/** @type {Offer | null} */
let offer = null;

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = /** @type {Offer} */ (event);
});
addEventListener("appinstalled", () => {
  offer = null;
});

/** @returns {(() => void) | null} ask the browser, null when it offers nothing */
export function install() {
  const now = offer;
  return now && (() => void now.prompt());
}
