// Reading what is signed: a health code, the server's time, lists. The same rules as on the server (cwt.py).

import { decodeBase45 } from "./base45.js";
import { decodeCbor, toBeSigned } from "./cbor.js";

/** @typedef {import("./types.js").Cbor} Cbor */
/** @typedef {import("./types.js").Claims} Claims */
/** @typedef {import("./types.js").Colour} Colour */
/** @typedef {import("./types.js").Key} Key */
/** @typedef {import("./types.js").PublicKey} PublicKey */
/** @typedef {"empty" | "place_code" | "other_system" | "cut" | "unknown_key" | "forged" | "retired_key"} Fault */

export const PREFIX = "LH1:";
const TIME_PREFIX = "LHT1:";
const TIME_AAD = new TextEncoder().encode("linghuo.time");
const [ALG, KID, ES256] = [1, 4, -7];
const [ISS, EXP, NBF, IAT, CTI, CONTENT] = [1, 4, 5, 6, 7, -70001];
/** Seconds: of a code that is shown at once, of one for later, and of all that are given for later together. */
const [LIFE, SLOT, PACK_LIFE] = [300, 900, 14_400];
const HEAD = 8;
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
  const { payload, key } = await verified(bytesOf(plain, PREFIX), keys, new Uint8Array());
  const claims = claimsOf(payload);
  if (claims.issuer !== key.issuer) throw new Unreadable("forged");
  if (key.retired_at && claims.issued > key.retired_at) throw new Unreadable("retired_key");
  return { ...claims, issuer_name: key.name };
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
  const { payload } = await verified(bytesOf(text, TIME_PREFIX), keys, TIME_AAD);
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

/** @param {string} text @param {string} prefix */
function bytesOf(text, prefix) {
  const bytes = decodeBase45(text.slice(prefix.length));
  if (!bytes) throw new Unreadable("cut");
  return bytes;
}

/**
 * What a COSE_Sign1 says, and which of these keys signed it; `external` is what kind of thing it has to be.
 *
 * @template {PublicKey} K
 * @param {Uint8Array} bytes
 * @param {K[]} keys
 * @param {Uint8Array} external
 * @returns {Promise<{payload: Map<Cbor, Cbor>, key: K}>}
 */
export async function verified(bytes, keys, external) {
  const cose = decode(bytes);
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
 * @param {PublicKey} key
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
 * @returns {Omit<Claims, "issuer_name">}
 */
function claimsOf(payload) {
  const [issuer, expires, issued, content] = [ISS, EXP, IAT, CONTENT].map((claim) => payload.get(claim));
  if (!Array.isArray(content) || typeof issuer !== "string") throw new Unreadable("forged");
  const [subject, number, first, four, until] = content;
  const colour = COLOURS[Number(number)];
  const begins = payload.get(NBF) ?? null;
  if (!(subject instanceof Uint8Array) || !colour || typeof first !== "string" || typeof four !== "string") {
    throw new Unreadable("forged");
  }
  if (typeof expires !== "number" || typeof issued !== "number" || !isSound(issued, begins, expires, colour)) {
    throw new Unreadable("forged");
  }
  return {
    issuer,
    expires,
    issued,
    begins: typeof begins === "number" ? begins : null,
    head: hex(subject.subarray(0, HEAD)),
    colour,
    first_character: first,
    last_four: four,
    until: typeof until === "number" ? until : null,
  };
}

/**
 * Minutes for a code that is shown at once; for one that was given ahead a quarter of an hour of the next four hours,
 * and green.
 *
 * @param {number} issued
 * @param {Cbor} begins
 * @param {number} expires
 * @param {Colour} colour
 */
function isSound(issued, begins, expires, colour) {
  if (begins === null) return issued < expires && expires <= issued + LIFE;
  if (typeof begins !== "number" || colour !== "green" || begins % SLOT !== 0) return false;
  return issued <= begins && begins < expires && expires <= Math.min(begins + SLOT, issued + PACK_LIFE);
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
