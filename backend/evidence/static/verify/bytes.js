// Bytes and the texts that stand for them.

const BLOCK = 12;
const DIGITS = 29;

/** A text that is none of what it should be; the message is for people. */
export class Malformed extends Error {}

/**
 * Standard base64 with padding, and nothing else; each content has one text.
 *
 * @param {string} text
 */
export function fromBase64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new Malformed("文件里有一段不是 base64 编码，可能在传送中损坏。");
  }
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new Malformed("文件里有一段 base64 编码的末尾不对，可能被改过。");
  return bytes;
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} hex an even number of digits */
export function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {string} text */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** @param {...Uint8Array} parts */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * What decimal digits stand for: every 29 of them are 12 bytes, the last ones what is left. A QR code holds digits in
 * its densest mode, 10 bits for 3.
 *
 * @param {string} digits
 */
export function fromDigits(digits) {
  const groups = digits.match(new RegExp(`[0-9]{1,${DIGITS}}`, "g")) ?? [];
  return concat(...groups.map(fromGroup));
}

/** @param {string} group */
function fromGroup(group) {
  const size = group.length === DIGITS ? BLOCK : Math.floor(group.length / Math.log10(256));
  const hex = BigInt(group).toString(16);
  if (hex.length > size * 2) throw new Malformed("二维码或链接里的内容不完整，请重新扫描。");
  return fromHex(hex.padStart(size * 2, "0"));
}

/**
 * @param {Uint8Array<ArrayBuffer>} packed DEFLATE (RFC 1951)
 * @returns {Promise<string>}
 */
export async function inflate(packed) {
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return await new Response(stream).text();
  } catch {
    throw new Malformed("二维码或链接里的内容不完整，请重新扫描。");
  }
}
