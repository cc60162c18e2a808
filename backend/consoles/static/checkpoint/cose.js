// Reading signed texts: a health code, and the server's signed time. The same rules as on the server (cwt.py).

import { decodeBase45 } from "./base45.js";
import { decodeCbor, toBeSigned } from "./cbor.js";

/** @typedef {import("./types.js").Cbor} Cbor */
/** @typedef {import("./types.js").Claims} Claims */
/** @typedef {import("./types.js").Colour} Colour */
/** @typedef {import("./types.js").Key} Key */
/** @typedef {"empty" | "place_code" | "other_system" | "cut" | "unknown_key" | "forged" | "retired_key"} Fault */

export const PREFIX = "LH1:";
const TIME_PREFIX = "LHT1:";
const TIME_AAD = new TextEncoder().encode("linghuo.time");
const [ALG, KID, ES256] = [1, 4, -7];
const [ISS, EXP, IAT, CTI, CONTENT] = [1, 4, 6, 7, -70001];
const LIFE = 300;
/** @type {Colour[]} */
const COLOURS = ["grey", "green", "yellow", "red"];

/** A text that can't be relied on, and why. */
export class Unreadable extends Error {
  /** @param {Fault} fault */
  constructor(fault) {
    super(fault);
    this.fault = fault;
  }
}

/**
 * What a code says, once its signature is right. Whether it is in time is not asked here.
 *
 * @param {string} text
 * @param {Key[]} keys
 * @returns {Promise<Claims>}
 */
export async function readCode(text, keys) {
  const plain = tidy(text);
  if (!plain) throw new Unreadable("empty");
  if (!plain.startsWith(PREFIX)) throw new Unreadable(/^HTTPS?:.*\/P\//.test(plain) ? "place_code" : "other_system");
  const { payload, key } = await verified(plain.slice(PREFIX.length), keys, new Uint8Array());
  const claims = claimsOf(payload);
  if (claims.issuer !== key.issuer) throw new Unreadable("forged");
  if (key.retired_at && claims.issued * 1000 > Date.parse(key.retired_at)) throw new Unreadable("retired_key");
  return claims;
}

/**
 * The server's time in milliseconds, signed for this nonce.
 *
 * @param {string} text
 * @param {string} nonce
 * @param {Key[]} keys
 */
export async function readTime(text, nonce, keys) {
  if (!text.startsWith(TIME_PREFIX)) throw new Unreadable("other_system");
  const { payload } = await verified(text.slice(TIME_PREFIX.length), keys, TIME_AAD);
  const [seconds, given] = [payload.get(IAT), payload.get(CTI)];
  if (typeof seconds !== "number" || !(given instanceof Uint8Array) || new TextDecoder().decode(given) !== nonce) {
    throw new Unreadable("forged");
  }
  return seconds * 1000;
}

/**
 * A scanned text as meant: hand scanners add line ends, and type full-width or small letters when a keyboard is set so.
 *
 * @param {string} text
 */
export function tidy(text) {
  return text.normalize("NFKC").trim().toUpperCase();
}

/**
 * @param {string} base45
 * @param {Key[]} keys
 * @param {Uint8Array} external
 * @returns {Promise<{payload: Map<Cbor, Cbor>, key: Key}>}
 */
async function verified(base45, keys, external) {
  const bytes = decodeBase45(base45);
  const cose = bytes && decode(bytes);
  if (!Array.isArray(cose) || cose.length !== 4) throw new Unreadable("cut");
  const [header, , payload, signature] = cose;
  if (!(header instanceof Uint8Array && payload instanceof Uint8Array && signature instanceof Uint8Array)) {
    throw new Unreadable("cut");
  }
  const labels = decode(header);
  const kid = labels instanceof Map ? labels.get(KID) : null;
  if (!(labels instanceof Map) || !(kid instanceof Uint8Array)) throw new Unreadable("cut");
  if (labels.get(ALG) !== ES256) throw new Unreadable("forged");
  const key = keys.find((known) => known.kid === hex(kid));
  if (!key) throw new Unreadable("unknown_key");
  const right = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    await imported(key),
    /** @type {BufferSource} */ (signature),
    toBeSigned(header, external, payload),
  );
  const claims = right ? decode(payload) : null;
  if (!(claims instanceof Map)) throw new Unreadable("forged");
  return { payload: claims, key };
}

/** @type {Map<string, Promise<CryptoKey>>} */
const IMPORTED = new Map();

/**
 * A key as WebCrypto wants it, made once.
 *
 * @param {Key} key
 */
function imported({ x, y }) {
  const known = IMPORTED.get(x + y);
  if (known) return known;
  const jwk = { kty: "EC", crv: "P-256", x, y };
  const made = crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  IMPORTED.set(x + y, made);
  return made;
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  try {
    return decodeCbor(bytes);
  } catch {
    throw new Unreadable("cut");
  }
}

/**
 * @param {Map<Cbor, Cbor>} payload
 * @returns {Claims}
 */
function claimsOf(payload) {
  const [issuer, expires, issued, content] = [ISS, EXP, IAT, CONTENT].map((claim) => payload.get(claim));
  if (!Array.isArray(content) || typeof issuer !== "string") throw new Unreadable("forged");
  const [, number, first, four, until] = content;
  const colour = COLOURS[Number(number)];
  const whole = typeof expires === "number" && typeof issued === "number" && expires > issued;
  if (!whole || expires > issued + LIFE || !colour || typeof first !== "string" || typeof four !== "string") {
    throw new Unreadable("forged");
  }
  const ends = typeof until === "number" ? until : null;
  return { issuer, expires, issued, colour, first_character: first, last_four: four, until: ends };
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
