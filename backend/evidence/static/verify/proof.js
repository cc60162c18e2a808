// Proofs (C2SP tlog-proof), as their text, as JSON, or as the digits of a QR code.

import { concat, fromBase64, fromDigits, fromHex, inflate, Malformed, same, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";

/**
 * @typedef {import("./canonical.js").Json} Json
 * @typedef {{ id: string, kind: string, salt: Uint8Array<ArrayBuffer>, content: Json }} Opening
 * @typedef {{ index: bigint, path: Uint8Array[], checkpoint: string, opening: Opening }} Proof
 */

const HEADER = "c2sp.org/tlog-proof@v1";
const FORMAT = "linghuo.evidence/proof@1";
const FIELDS = "checkpoint,format,index,path,record";
const RECORD = "content,id,kind,salt";
const DOMAIN = "linghuo.evidence/1";
const INDEX = /^(?:0|[1-9][0-9]{0,18})$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KIND = /^[a-z_]+(?:\.[a-z_]+)+$/;
const [HASH_BYTES, MOST_HASHES, DEEPEST] = [32, 63, 100];

/**
 * The proof that a file holds, or a QR code's digits.
 *
 * @param {string} text
 * @returns {Promise<Proof>}
 */
export async function readProof(text) {
  const plain = /^[0-9]+$/.test(text) ? await inflate(fromDigits(text)) : text;
  return plain.startsWith(HEADER) ? fromText(plain) : fromJson(plain);
}

/**
 * @param {string} text
 * @returns {Proof}
 */
function fromText(text) {
  const gap = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(gap, 0)).split("\n");
  if (header !== HEADER) throw new Malformed("证明的开头不完整。");
  const extra = lines[0]?.startsWith("extra ") ? fromBase64((lines.shift() ?? "").slice(6)) : null;
  const [index = "", ...path] = lines;
  if (!index.startsWith("index ") || !INDEX.test(index.slice(6)))
    throw new Malformed("证明里没有写明记录在日志里的序号。");
  if (!extra) throw new Malformed("这份证明没有附上记录内容，看不出它证明的是什么。");
  const opening = parseJson(new TextDecoder().decode(extra));
  if (!same(utf8(canonical(opening)), extra)) throw new Malformed("证明里的记录不是规范写法，可能被改过。");
  return whole(BigInt(index.slice(6)), path, text.slice(gap + 2), opening);
}

/**
 * @param {string} text
 * @returns {Proof}
 */
function fromJson(text) {
  const said = text.trimStart().startsWith("{") ? object(parseJson(text)) : {};
  const { format, index, path, checkpoint, record } = said;
  if (Object.keys(said).sort().join() !== FIELDS || format !== FORMAT) {
    throw new Malformed("这不是一份存证证明。请选择扩展名为 .tlog-proof 或 .json 的证明文件。");
  }
  if (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0) {
    throw new Malformed("证明里没有写明记录在日志里的序号。");
  }
  if (!Array.isArray(path) || typeof checkpoint !== "string") throw new Malformed("证明里的路径或检查点写法不对。");
  return whole(BigInt(index), path, checkpoint, record ?? null);
}

/**
 * @param {bigint} index
 * @param {Json[]} path
 * @param {string} checkpoint
 * @param {Json} opening
 * @returns {Proof}
 */
function whole(index, path, checkpoint, opening) {
  const hashes = path.map((hash) => (typeof hash === "string" ? fromBase64(hash) : new Uint8Array()));
  if (hashes.length > MOST_HASHES || hashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new Malformed("证明里的路径写法不对。");
  }
  return { index, path: hashes, checkpoint, opening: openingOf(object(opening)) };
}

/**
 * @param {{ [name: string]: Json }} said
 * @returns {Opening}
 */
function openingOf(said) {
  const { id, kind, salt, content } = said;
  const bytes = typeof salt === "string" ? fromBase64(salt) : new Uint8Array();
  const right = typeof id === "string" && ID.test(id) && typeof kind === "string" && KIND.test(kind);
  if (!right || bytes.length !== HASH_BYTES || Object.keys(said).sort().join() !== RECORD || content === undefined) {
    throw new Malformed("证明里的记录写法不对：缺少编号、种类、随机数或内容。");
  }
  return { id, kind, salt: bytes, content };
}

/**
 * What a JSON says; no name may stand twice in an object, for readers differ in which of the two they believe, and
 * nothing may nest deeper than anything that is recorded, for they end in different places.
 *
 * @param {string} text
 * @returns {Json}
 */
function parseJson(text) {
  /** @type {Set<string>[]} */
  const open = [];
  const twice = [];
  for (const [token, name] of text.matchAll(/[[\]{}]|("(?:[^"\\]|\\.)*")(?:\s*:)?/gs)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (name && token !== name) twice.push(...noted(open.at(-1), name));
    if (open.length > DEEPEST) throw new Malformed("证明里的记录套了太多层，不是这本日志会存的内容。");
  }
  const value = parsed(text);
  if (twice.length) throw new Malformed("证明里的记录有一项写了两次。");
  return value;
}

/**
 * Note an object's name, given as it is written in the text.
 *
 * @param {Set<string> | undefined} names so far
 * @param {string} written
 * @returns {string[]} the name, if it stands there already
 */
function noted(names, written) {
  const name = String(parsed(written));
  if (names?.has(name)) return [name];
  names?.add(name);
  return [];
}

/**
 * @param {string} text
 * @returns {Json}
 */
function parsed(text) {
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
