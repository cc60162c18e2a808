// Base45 (RFC 9285).

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/**
 * @param {string} text
 * @returns {Uint8Array | null} null when it is none
 */
export function decodeBase45(text) {
  if (text.length % 3 === 1) return null;
  const bytes = [];
  for (let i = 0; i < text.length; i += 3) {
    const digits = [...text.slice(i, i + 3)].map((character) => ALPHABET.indexOf(character));
    if (digits.includes(-1)) return null;
    const value = digits.reduce((sum, digit, at) => sum + digit * 45 ** at, 0);
    const pair = digits.length === 3;
    if (value > (pair ? 0xffff : 0xff)) return null;
    if (pair) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return new Uint8Array(bytes);
}
