// The API as a signed-in worker calls it.

import { Refused, send } from "./http.js";
import { renew, token } from "./session.js";

/**
 * @template T
 * @param {string} path
 * @returns {Promise<T>}
 */
export function get(path) {
  return call("GET", path, {});
}

/**
 * @template T
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [key] an idempotency key of `keyFor`
 * @returns {Promise<T>}
 */
export function post(path, body, key) {
  return call("POST", path, { ...(body === undefined ? {} : { body }), ...(key ? { key } : {}) });
}

/** @param {string} path @returns {Promise<null>} */
export function del(path) {
  return call("DELETE", path, {});
}

/**
 * @template T
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {{body?: unknown, key?: string}} options
 * @returns {Promise<T>}
 */
async function call(method, path, options) {
  const first = await token();
  try {
    return /** @type {T} */ (await send(method, path, { ...options, token: first }));
  } catch (fault) {
    if (!(fault instanceof Refused && fault.status === 401)) throw fault;
    return /** @type {T} */ (await send(method, path, { ...options, token: await renew(first) }));
  }
}

/**
 * A fresh key for each content of one form: sending the same again, after a lost answer or a second tap, is one
 * request to the server.
 *
 * @returns {(body: unknown) => string}
 */
export function keys() {
  let sent = "";
  let key = "";
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== sent) {
      sent = text;
      key = random();
    }
    return key;
  };
}

/** A fresh key for one thing. */
export function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
