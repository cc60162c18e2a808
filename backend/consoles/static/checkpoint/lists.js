// Signed and dated lists: the issuers' keys, the denied pseudonyms, and who may sign them. As on the server (lists.py).

import { hex, Unreadable, verified } from "./cose.js";

/** @typedef {import("./types.js").Cbor} Cbor */
/** @typedef {import("./types.js").Key} Key */
/** @typedef {import("./types.js").PublicKey} PublicKey */

const [KEYS, DENIED, SIGNER] = ["keys", "denied", "signer"].map((kind) => new TextEncoder().encode(`linghuo.${kind}`));
const [IAT, CONTENT] = [6, -70001];
const HEAD = 8;

/**
 * The issuers' keys, once one of these signers proves to have signed them.
 *
 * @param {string} text
 * @param {PublicKey[]} signers
 * @returns {Promise<{keys: Key[], dated: number, signer: PublicKey}>} `dated` in milliseconds
 */
export async function readKeys(text, signers) {
  const { dated, content, key } = await opened(text, signers, KEYS);
  if (!Array.isArray(content)) throw new Unreadable("forged");
  return { keys: content.map(keyOf), dated, signer: key };
}

/**
 * The heads of denied pseudonyms, in hexadecimal.
 *
 * @param {string} text
 * @param {PublicKey[]} signers
 * @returns {Promise<{heads: string[], dated: number}>}
 */
export async function readDenied(text, signers) {
  const { dated, content } = await opened(text, signers, DENIED);
  if (!(content instanceof Uint8Array) || content.length % HEAD !== 0) throw new Unreadable("forged");
  const whole = hex(content);
  return { heads: whole.match(/.{16}/g) ?? [], dated };
}

/**
 * Who may sign lists, as far as the one that this phone knows leads: each is vouched for by the one before.
 *
 * @param {string[]} vouched
 * @param {PublicKey} known
 * @returns {Promise<PublicKey[]>}
 */
export async function believed(vouched, known) {
  const signers = [known];
  for (const text of vouched) {
    try {
      signers.push(publicKey((await opened(text, signers, SIGNER)).content));
    } catch {
      // Vouched for by one that this phone doesn't know: what comes after may still lead on.
    }
  }
  return signers;
}

/**
 * @param {string} text
 * @param {PublicKey[]} signers
 * @param {Uint8Array | undefined} kind
 */
async function opened(text, signers, kind) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const found = await verified(bytes, signers, kind ?? new Uint8Array());
  const seconds = found.payload.get(IAT);
  if (typeof seconds !== "number") throw new Unreadable("forged");
  return { dated: seconds * 1000, content: found.payload.get(CONTENT), key: found.key };
}

/** @param {Cbor | undefined} content @returns {PublicKey} */
function publicKey(content) {
  const [kid, x, y] = Array.isArray(content) ? content : [];
  if (!(kid instanceof Uint8Array && x instanceof Uint8Array && y instanceof Uint8Array)) {
    throw new Unreadable("forged");
  }
  return { kid: hex(kid), x: base64url(x), y: base64url(y) };
}

/** @param {Cbor} row @returns {Key} */
function keyOf(row) {
  const [kid, issuer, name, x, y, retired] = Array.isArray(row) ? row : [];
  if (typeof issuer !== "string" || typeof name !== "string") throw new Unreadable("forged");
  const retired_at = typeof retired === "number" ? retired : null;
  return { ...publicKey([kid ?? null, x ?? null, y ?? null]), issuer, name, retired_at };
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
