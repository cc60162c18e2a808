// A server that was restored from a copy signs with keys that nobody vouched for to this phone. Whether to believe it is
// a person's decision, taken with the reasons in view.

import { byId } from "./dom.js";

/** Whether the officer, having read what it means, wants to believe the server's present keys. */
export function mayTrustAnew() {
  const dialog = byId("retrust", HTMLDialogElement);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((/** @type {(agreed: boolean) => void} */ resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "trust"), { once: true });
  });
}
