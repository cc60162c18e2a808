// Message consents that WeChat collected: told to the server once each, kept until it has heard them.

import { post } from "./api.js";
import * as store from "./store.js";

/**
 * @param {string} given template ids, one for each consent, by commas
 */
export function keep(given) {
  const waiting = read();
  for (const template of given.split(",").filter(Boolean)) waiting[template] = (waiting[template] ?? 0) + 1;
  store.set("agreed", waiting);
}

/** Tell the server; without a network the next visit does. */
export async function tell() {
  const accepted = read();
  if (Object.keys(accepted).length === 0) return;
  store.remove("agreed");
  try {
    await post("/subscriptions", { accepted });
  } catch {
    store.set("agreed", accepted);
  }
}

/** @returns {Record<string, number>} */
function read() {
  return /** @type {Record<string, number> | null} */ (store.get("agreed")) ?? {};
}
