// As much of CBOR (RFC 8949) as a COSE message is made of: definite lengths, tags dropped.

/** @typedef {import("./types.js").Cbor} Cbor */

const DEEPEST = 8;

/** Bytes that are no CBOR, or none of the kind that codes are made of. */
export class NotCbor extends Error {}

/**
 * One item and nothing behind it.
 *
 * @param {Uint8Array} bytes
 * @returns {Cbor}
 */
export function decodeCbor(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw new NotCbor();
  return value;
}

class Reader {
  at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @param {number} count */
  take(count) {
    const start = this.at;
    if (count > this.bytes.length - start) throw new NotCbor();
    this.at = start + count;
    return start;
  }

  /**
   * @param {number} depth
   * @returns {Cbor}
   */
  item(depth) {
    if (depth > DEEPEST) throw new NotCbor();
    const first = this.view.getUint8(this.take(1));
    const [major, info] = [first >> 5, first & 31];
    if (major === 7) return this.simple(info);
    const count = this.count(info);
    switch (major) {
      case 0:
        return count;
      case 1:
        return -1 - count;
      case 2:
        return this.slice(count);
      case 3:
        return new TextDecoder("utf-8", { fatal: true }).decode(this.slice(count));
      case 4:
        return Array.from({ length: this.bounded(count) }, () => this.item(depth + 1));
      case 5:
        return new Map(Array.from({ length: this.bounded(count) }, () => [this.item(depth + 1), this.item(depth + 1)]));
      default:
        return this.item(depth + 1);
    }
  }

  /**
   * An argument. Lengths beyond 2^32 aren't read: no code is that long.
   *
   * @param {number} info
   */
  count(info) {
    if (info < 24) return info;
    if (info === 24) return this.view.getUint8(this.take(1));
    if (info === 25) return this.view.getUint16(this.take(2));
    if (info === 26) return this.view.getUint32(this.take(4));
    if (info === 27) return Number(this.view.getBigUint64(this.take(8)));
    throw new NotCbor();
  }

  /** @param {number} count */
  bounded(count) {
    if (count > this.bytes.length - this.at) throw new NotCbor();
    return count;
  }

  /** @param {number} count */
  slice(count) {
    const start = this.take(count);
    return this.bytes.slice(start, start + count);
  }

  /** @param {number} info */
  simple(info) {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22 || info === 23) return null;
    if (info === 26) return this.view.getFloat32(this.take(4));
    if (info === 27) return this.view.getFloat64(this.take(8));
    throw new NotCbor();
  }
}

/**
 * The Sig_structure of RFC 9052, 4.4, encoded: what the signature of a COSE_Sign1 is over.
 *
 * @param {Uint8Array} protectedHeader
 * @param {Uint8Array} external
 * @param {Uint8Array} payload
 */
export function toBeSigned(protectedHeader, external, payload) {
  const context = new TextEncoder().encode("Signature1");
  const parts = [
    Uint8Array.of(0x84),
    head(3, context.length),
    context,
    ...[protectedHeader, external, payload].flatMap((part) => [head(2, part.length), part]),
  ];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {number} major
 * @param {number} length
 */
function head(major, length) {
  if (length < 24) return Uint8Array.of((major << 5) | length);
  if (length < 256) return Uint8Array.of((major << 5) | 24, length);
  return Uint8Array.of((major << 5) | 25, length >> 8, length & 255);
}
