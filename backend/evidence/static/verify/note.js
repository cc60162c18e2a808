// Signed notes (C2SP signed-note): keys, signatures of logs (type 1) and cosignatures of witnesses (type 4), checkpoints.

import { concat, fromBase64, Malformed, same, sha256, toHex, utf8 } from "./bytes.js";

/**
 * @typedef {{ name: string, algorithm: number, raw: Uint8Array<ArrayBuffer>, id: Uint8Array }} Key
 * @typedef {{ name: string, id: Uint8Array, content: Uint8Array<ArrayBuffer> }} Signature
 * @typedef {{ text: string, signatures: Signature[] }} Note
 * @typedef {{ origin: string, size: bigint, root: Uint8Array }} Checkpoint
 */

export const LOG = 1;
export const COSIGNATURE = 4;
const DASH = "— ";
// biome-ignore lint/suspicious/noControlCharactersInRegex: a name holds none, and that is what is asked
const NAME = /^[^\s+\x00-\x1f\p{Surrogate}]+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: nor does a signed note
const UNFIT = /[\x00-\x09\x0b-\x1f\p{Surrogate}]/u;
const [ID_BYTES, KEY_BYTES, TIME_BYTES, MOST_SIGNATURES] = [4, 32, 8, 64];
const MOST = 2n ** 63n - 1n;

/**
 * A verifier key: "<name>+<id in hex>+<base64 of type and key>".
 *
 * @param {string} text
 * @returns {Promise<Key>}
 */
export async function parseKey(text) {
  const [, name = "", id = "", material = ""] = /^([^+]*)\+([^+]*)\+(.*)$/.exec(text) ?? [];
  const bytes = NAME.test(name) ? fromBase64(material) : new Uint8Array();
  const algorithm = bytes[0] ?? 0;
  if (bytes.length !== 1 + KEY_BYTES || (algorithm !== LOG && algorithm !== COSIGNATURE)) {
    throw new Malformed("见证策略里有一把公钥写错了。");
  }
  const own = (await sha256(concat(utf8(`${name}\n`), bytes))).slice(0, ID_BYTES);
  if (toHex(own) !== id) throw new Malformed("见证策略里有一把公钥的编号与公钥不符。");
  return { name, algorithm, raw: bytes.slice(1), id: own };
}

/**
 * @param {string} content
 * @returns {Note}
 */
export function parseNote(content) {
  const gap = content.lastIndexOf("\n\n");
  const lines = content.slice(gap + 2).split("\n");
  if (gap < 0 || lines.pop() !== "" || lines.length > MOST_SIGNATURES || UNFIT.test(content)) {
    throw new Malformed("证明里的检查点不完整。");
  }
  return { text: content.slice(0, gap + 1), signatures: lines.map(parseSignature) };
}

/**
 * @param {string} line
 * @returns {Signature}
 */
function parseSignature(line) {
  const [name = "", bytes = "", ...more] = line.slice(DASH.length).split(" ");
  const content = fromBase64(bytes);
  if (!line.startsWith(DASH) || more.length || !NAME.test(name) || content.length <= ID_BYTES) {
    throw new Malformed("证明里有一行签名写法不对。");
  }
  return { name, id: content.slice(0, ID_BYTES), content: content.slice(ID_BYTES) };
}

/**
 * What a log says its tree is (C2SP tlog-checkpoint); lines after the third are somebody's extensions.
 *
 * @param {string} text
 * @returns {Checkpoint}
 */
export function parseCheckpoint(text) {
  const [origin = "", size = "", root = "", ...rest] = text.split("\n");
  const end = rest.pop();
  const bytes = fromBase64(root);
  const count = /^(?:0|[1-9][0-9]{0,18})$/.test(size) ? BigInt(size) : -1n;
  if (!origin || count < 0n || count > MOST || bytes.length !== KEY_BYTES || end !== "" || !rest.every(Boolean)) {
    throw new Malformed("证明里的检查点写法不对。");
  }
  return { origin, size: count, root: bytes };
}

/**
 * The key's first signature on a note, right if all of them are; null without one.
 *
 * @param {Note} note
 * @param {Key} key
 * @returns {Promise<{ right: boolean, time: bigint } | null>}
 */
export async function signatureOf(note, key) {
  const mine = note.signatures.filter(({ name, id }) => name === key.name && same(id, key.id));
  const found = await Promise.all(mine.map((signature) => judge(note.text, signature, key)));
  const [first] = found;
  return first ? { ...first, right: found.every(({ right }) => right) } : null;
}

/**
 * @param {string} text
 * @param {Signature} signature
 * @param {Key} key
 */
async function judge(text, { content }, key) {
  if (key.algorithm === LOG) return { right: await isRight(key, content, text), time: 0n };
  const time = BigInt(`0x${toHex(content.slice(0, TIME_BYTES))}`);
  const right = await isRight(key, content.slice(TIME_BYTES), `cosignature/v1\ntime ${time}\n${text}`);
  return { right: right && time <= MOST, time };
}

/**
 * @param {Key} key
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {string} text
 */
async function isRight(key, signature, text) {
  const imported = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature, utf8(text));
}

/** Whether this browser can check Ed25519 signatures: tried on the first vector of RFC 8032, 7.1. */
export async function canCheck() {
  const raw = fromBase64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  const signature = fromBase64(
    "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
  );
  try {
    const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, new Uint8Array());
  } catch {
    return false;
  }
}
