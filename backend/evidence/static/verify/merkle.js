// Merkle trees (RFC 6962, 2.1) over SHA-256, and the check that a leaf is in one (RFC 9162, 2.1.3.2).

import { concat, Malformed, sha256 } from "./bytes.js";

/**
 * @typedef {object} Step one level of the path from the leaf to the root
 * @property {Uint8Array} own hash of the subtree that holds the leaf
 * @property {Uint8Array} sibling hash of the neighbour that the proof gives
 * @property {boolean} siblingLeft whether the neighbour stands on the left
 */

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param {Uint8Array} entry */
export function leafHash(entry) {
  return sha256(concat(LEAF, entry));
}

/**
 * The root to which a path leads from a leaf, with the steps there.
 *
 * @param {{ index: bigint, size: bigint, leaf: Uint8Array, path: Uint8Array[] }} proof
 * @returns {Promise<{ root: Uint8Array, steps: Step[] }>}
 */
export async function climb({ index, size, leaf, path }) {
  if (index >= size) throw new Malformed("证明里的序号超出了日志的条数。");
  const inner = bits(index ^ (size - 1n)).length;
  const border = bits(index >> BigInt(inner)).replaceAll("0", "").length;
  if (path.length !== inner + border) throw new Malformed("证明里的路径长度不对：少了或多了几步。");
  const steps = [];
  let own = leaf;
  for (const [level, sibling] of path.entries()) {
    const siblingLeft = level >= inner || ((index >> BigInt(level)) & 1n) === 1n;
    steps.push({ own, sibling, siblingLeft });
    own = await sha256(siblingLeft ? concat(NODE, sibling, own) : concat(NODE, own, sibling));
  }
  return { root: own, steps };
}

/** @param {bigint} number its binary digits, none for zero */
function bits(number) {
  return number ? number.toString(2) : "";
}
