// Proofs (C2SP tlog-proof), as their text, as JSON, or as the digits of a QR code.

import { concat, fromBase64, fromDigits, fromHex, inflate, Malformed, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";

/**
 * @typedef {import("./canonical.js").Json} Json
 * @typedef {{ id: string, kind: string, salt: Uint8Array<ArrayBuffer>, content: Json }} Opening
 * @typedef {{ index: bigint, path: Uint8Array[], checkpoint: string, opening: Opening }} Proof
 */

const HEADER = "c2sp.org/tlog-proof@v1";
const DOMAIN = "linghuo.evidence/1";
const INDEX = /^(?:0|[1-9][0-9]{0,18})$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KIND = /^[a-z_]+(?:\.[a-z_]+)+$/;
const [HASH_BYTES, MOST_HASHES] = [32, 63];

/**
 * The proof that a file holds, or a QR code's digits.
 *
 * @param {string} text
 * @returns {Promise<Proof>}
 */
export async function readProof(text) {
  const plain = /^[0-9]+$/.test(text) ? await inflate(fromDigits(text)) : text;
  if (plain.startsWith("{")) return fromJson(plain);
  return fromText(plain);
}

/**
 * @param {string} text
 * @returns {Proof}
 */
function fromText(text) {
  const gap = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(gap, 0)).split("\n");
  if (header !== HEADER) throw new Malformed("这不是一份存证证明。请选择扩展名为 .tlog-proof 或 .json 的证明文件。");
  const extra = lines[0]?.startsWith("extra ") ? (lines.shift() ?? "").slice(6) : "";
  const [index = "", ...path] = lines;
  if (!index.startsWith("index ")) throw new Malformed("证明里没有写明记录在日志里的序号。");
  if (!extra) throw new Malformed("这份证明没有附上记录内容，看不出它证明的是什么。");
  const opening = parseJson(new TextDecoder().decode(fromBase64(extra)));
  return whole(index.slice(6), path, text.slice(gap + 2), opening);
}

/**
 * @param {string} text
 * @returns {Proof}
 */
function fromJson(text) {
  const { index, path, checkpoint, record } = object(parseJson(text));
  const hashes = Array.isArray(path) ? path.map(String) : [];
  return whole(String(index), hashes, String(checkpoint), record ?? null);
}

/**
 * @param {string} index
 * @param {string[]} path
 * @param {string} checkpoint
 * @param {Json} opening
 * @returns {Proof}
 */
function whole(index, path, checkpoint, opening) {
  const hashes = path.map(fromBase64);
  if (!INDEX.test(index)) throw new Malformed("证明里的序号写法不对。");
  if (hashes.length > MOST_HASHES || hashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new Malformed("证明里的路径写法不对。");
  }
  return { index: BigInt(index), path: hashes, checkpoint, opening: openingOf(object(opening)) };
}

/**
 * @param {{ [name: string]: Json }} said
 * @returns {Opening}
 */
function openingOf({ id, kind, salt, content }) {
  const bytes = typeof salt === "string" ? fromBase64(salt) : new Uint8Array();
  const right = typeof id === "string" && ID.test(id) && typeof kind === "string" && KIND.test(kind);
  if (!right || bytes.length !== HASH_BYTES || content === undefined) {
    throw new Malformed("证明里的记录写法不对：缺少编号、种类、随机数或内容。");
  }
  return { id, kind, salt: bytes, content };
}

/**
 * @param {string} text
 * @returns {Json}
 */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed("证明里的记录不完整，可能在传送中损坏。");
  }
}

/**
 * @param {Json} value
 * @returns {{ [name: string]: Json }}
 */
function object(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new Malformed("证明里的记录写法不对。");
  return value;
}

/**
 * What the log publishes of a record: HMAC-SHA-256 under its salt over domain, kind, id and canonical content.
 *
 * @param {Opening} opening
 */
export async function commitmentOf({ id, kind, salt, content }) {
  const head = utf8(`${DOMAIN}\0${kind}\0`);
  const message = concat(head, fromHex(id.replaceAll("-", "")), utf8(canonical(content)));
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}
