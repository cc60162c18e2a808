// A temporary officer's phone proves itself: each request is signed by a key that lies in this browser and can't be
// taken out, so that a copied cookie is worth nothing elsewhere. The server's side is consoles/devices.py.

import { KEYS, transact } from "./vault.js";

const NAME = "device";
const HOW = { name: "ECDSA", namedCurve: "P-256" };

/** @returns {Promise<string>} the public half of a fresh key that this browser keeps, as a point in base64url */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey(HOW, false, ["sign", "verify"]);
  await transact("readwrite", KEYS, (table) => table.put(pair.privateKey, NAME));
  return base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
}

/**
 * @param {string} method
 * @param {string} address path with query
 * @param {string} body
 * @returns {Promise<Record<string, string>>} the header; none where this phone never joined
 */
export async function proof(method, address, body) {
  const key = await transact("readonly", KEYS, (table) => table.get(NAME)).catch(() => null);
  if (!(key instanceof CryptoKey)) return {};
  const text = new TextEncoder().encode(`${method} ${address}\n${body}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, text);
  return { "X-Device-Signature": base64url(signature) };
}

/** @param {ArrayBuffer} bytes */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
