// All that is checked of a proof, in order, each with what was found in words. What decides is this machine.

import { Malformed, same, toHex } from "./bytes.js";
import { climb, leafHash } from "./merkle.js";
import { parseCheckpoint, parseNote, signatureOf } from "./note.js";
import { inWords, isMet } from "./policy.js";
import { commitmentOf, readProof } from "./proof.js";
import { nameWitness, shownTime } from "./words.js";

/**
 * @typedef {import("./policy.js").Policy} Policy
 * @typedef {import("./proof.js").Proof} Proof
 * @typedef {import("./note.js").Note} Note
 * @typedef {import("./note.js").Checkpoint} Checkpoint
 * @typedef {{ name: string, right: boolean | null, said: string }} Check null: neither for nor against
 * @typedef {object} Finding
 * @property {boolean} proven
 * @property {Check[]} checks
 * @property {Proof | null} proof what was read, be it true or not
 * @property {Checkpoint | null} checkpoint
 * @property {Uint8Array | null} leaf
 * @property {import("./merkle.js").Step[]} steps from the leaf to the root; none where the path leads elsewhere
 */

/**
 * Check everything: the record against the log's tree, the tree against signatures, these against the policy.
 *
 * @param {string} text of a proof
 * @param {Policy} policy
 * @returns {Promise<Finding>}
 */
export async function check(text, policy) {
  /** @type {Finding} */
  const finding = { proven: false, checks: [], proof: null, checkpoint: null, leaf: null, steps: [] };
  try {
    const proof = await readProof(text);
    const note = parseNote(proof.checkpoint);
    const checkpoint = parseCheckpoint(note.text);
    Object.assign(finding, { proof, checkpoint });
    finding.checks.push(yes("证明完整", `读出第 ${proof.index} 号记录（从 0 数起），日志共 ${checkpoint.size} 条。`));
    await checkPath(finding, proof, checkpoint);
    finding.checks.push(await checkLog(note, checkpoint, policy));
    finding.checks.push(...(await checkWitnesses(note, policy)));
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    finding.checks.push(no("证明完整", fault.message));
  }
  finding.proven = finding.checks.every(({ right }) => right !== false);
  return finding;
}

/**
 * @param {Finding} finding
 * @param {Proof} proof
 * @param {Checkpoint} checkpoint
 */
async function checkPath(finding, proof, { size, root }) {
  const commitment = await commitmentOf(proof.opening);
  const leaf = await leafHash(commitment);
  finding.checks.push(yes("算出存证摘要", `由记录内容算出的摘要是 ${toHex(commitment)}。`));
  try {
    const climbed = await climb({ index: proof.index, size, leaf, path: proof.path });
    const right = same(climbed.root, root);
    Object.assign(finding, right ? { leaf, steps: climbed.steps } : {});
    const said = `从这个摘要出发，沿 ${proof.path.length} 步路径算到了检查点上的树根：记录就在日志里，一个字也没有改。`;
    const not = "从这份记录算不到检查点上的树根：记录内容、序号或路径被改过，或者这条记录不在这本日志里。";
    finding.checks.push(right ? yes("记录在日志里", said) : no("记录在日志里", not));
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    finding.checks.push(no("记录在日志里", fault.message));
  }
}

/**
 * @param {Note} note
 * @param {Checkpoint} checkpoint
 * @param {Policy} policy
 * @returns {Promise<Check>}
 */
async function checkLog(note, { origin }, policy) {
  const keys = policy.logs.filter(({ name }) => name === origin);
  if (!keys.length) return no("日志签名", `这是“${origin}”的检查点，不是见证策略认可的日志。`);
  const found = (await Promise.all(keys.map((key) => signatureOf(note, key)))).filter((each) => each !== null);
  if (!found.length) return no("日志签名", `检查点上没有日志“${origin}”的签名。`);
  if (!found.every(({ right }) => right)) {
    return no("日志签名", `检查点上“${origin}”的签名是假的：检查点被改过，或不是它签的。`);
  }
  return yes("日志签名", `检查点是日志“${origin}”亲自签的。`);
}

/**
 * @param {Note} note
 * @param {Policy} policy
 * @returns {Promise<Check[]>}
 */
async function checkWitnesses(note, policy) {
  const checks = [];
  const agreed = [];
  for (const { name, key } of policy.witnesses) {
    const signature = await signatureOf(note, key);
    if (signature?.right) agreed.push(name);
    checks.push(witnessed(name, signature));
  }
  const met = isMet(policy, agreed);
  const rule = `见证策略要求：${inWords(policy)}。`;
  const said = met ? `${rule}已经满足。` : `${rule}这份证明上的见证不够。`;
  return [...checks, { name: "见证足够", right: met, said }];
}

/**
 * @param {string} name
 * @param {{ right: boolean, time: bigint } | null} signature
 * @returns {Check}
 */
function witnessed(name, signature) {
  if (!signature)
    return { name: `见证方 ${nameWitness(name)}`, right: null, said: "这份证明上没有它的签名；见证够数就不必都有。" };
  if (!signature.right) return no(`见证方 ${nameWitness(name)}`, "它的签名是假的：检查点被改过，或不是它签的。");
  return yes(
    `见证方 ${nameWitness(name)}`,
    `${shownTime(new Date(Number(signature.time) * 1000))} 见证：日志只增不改。`,
  );
}

/**
 * @param {string} name
 * @param {string} said
 * @returns {Check}
 */
function yes(name, said) {
  return { name, right: true, said };
}

/**
 * @param {string} name
 * @param {string} said
 * @returns {Check}
 */
function no(name, said) {
  return { name, right: false, said };
}
