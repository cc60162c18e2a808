// Whom to believe (C2SP tlog-policy): the logs, the witnesses, and how many of which make a quorum.

import { Malformed, same } from "./bytes.js";
import { COSIGNATURE, LOG, parseKey } from "./note.js";
import { nameWitness } from "./words.js";

/**
 * @typedef {import("./note.js").Key} Key
 * @typedef {{ name: string, key: Key }} Witness
 * @typedef {{ name: string, least: number, members: string[] }} Group
 * @typedef {{ logs: Key[], witnesses: Witness[], groups: Group[], quorum: string }} Policy
 */

const NONE = "none";
// biome-ignore lint/suspicious/noControlCharactersInRegex: a policy holds none, and that is what is asked
const UNFIT = /[\x00-\x08\x0b-\x1f\x7f\p{Surrogate}]/u;

/**
 * @param {string} text
 * @returns {Promise<Policy>}
 */
export async function parsePolicy(text) {
  /** @type {Policy} */
  const policy = { logs: [], witnesses: [], groups: [], quorum: "" };
  if (UNFIT.test(text)) throw new Malformed("见证策略里有不该有的字符。");
  for (const [at, line] of text.split("\n").entries()) {
    const words = line.split(/[ \t]+/).filter(Boolean);
    if (words.length && !words[0]?.startsWith("#")) {
      await take(policy, words).catch(() => {
        throw new Malformed(`见证策略第 ${at + 1} 行写法不对。`);
      });
    }
  }
  if (!policy.quorum) throw new Malformed("见证策略没有写明要多少家见证（quorum）。");
  return policy;
}

/**
 * @param {Policy} policy
 * @param {string[]} words
 */
async function take(policy, [what = "", ...words]) {
  switch (what) {
    case "log":
      fits(words.length === 1 || words.length === 2);
      policy.logs.push(await fresh(words[0], LOG, policy.logs));
      break;
    case "witness": {
      fits(words.length === 2 || words.length === 3);
      const known = policy.witnesses.map(({ key }) => key);
      policy.witnesses.push({ name: unused(policy, words[0]), key: await fresh(words[1], COSIGNATURE, known) });
      break;
    }
    case "group":
      policy.groups.push(group(policy, words));
      break;
    case "quorum":
      fits(words.length === 1 && !policy.quorum && (words[0] === NONE || names(policy).includes(words[0] ?? "")));
      policy.quorum = words[0] ?? "";
      break;
    default:
      fits(false);
  }
}

/**
 * @param {Policy} policy
 * @param {string[]} words
 * @returns {Group}
 */
function group(policy, [name, many = "", ...members]) {
  const counts = /** @type {Record<string, number>} */ ({ any: 1, all: members.length });
  const least = counts[many] ?? (/^[1-9][0-9]{0,3}$/.test(many) ? Number(many) : 0);
  const elsewhere = policy.groups.flatMap((other) => other.members);
  const known = names(policy);
  fits(least >= 1 && least <= members.length && new Set(members).size === members.length);
  fits(members.every((member) => known.includes(member) && !elsewhere.includes(member)));
  return { name: unused(policy, name), least, members };
}

/** @param {Policy} policy */
function names(policy) {
  return [...policy.witnesses, ...policy.groups].map(({ name }) => name);
}

/**
 * @param {Policy} policy
 * @param {string | undefined} name
 */
function unused(policy, name) {
  fits(Boolean(name) && name !== NONE && !names(policy).includes(name ?? ""));
  return name ?? "";
}

/**
 * @param {string | undefined} text
 * @param {number} algorithm
 * @param {Key[]} known
 */
async function fresh(text, algorithm, known) {
  const key = await parseKey(text ?? "");
  fits(key.algorithm === algorithm && !known.some((other) => same(other.raw, key.raw)));
  return key;
}

/** @param {boolean} whether */
function fits(whether) {
  if (!whether) throw new Malformed("见证策略写法不对。");
}

/**
 * Whether the witnesses of these names make the quorum.
 *
 * @param {Policy} policy
 * @param {string[]} agreed
 */
export function isMet(policy, agreed) {
  const all = new Set(agreed);
  for (const { name, least, members } of policy.groups) {
    if (members.filter((member) => all.has(member)).length >= least) all.add(name);
  }
  return policy.quorum === NONE || all.has(policy.quorum);
}

/**
 * Whether the log's own signature is enough.
 *
 * @param {Policy} policy
 */
export function asksNobody(policy) {
  return policy.quorum === NONE;
}

/**
 * The rule in words: "a，并且b、c、d中至少 2 家".
 *
 * @param {Policy} policy
 * @param {string} [name] of a witness or group; the quorum's without one
 * @returns {string}
 */
export function inWords(policy, name = policy.quorum) {
  if (name === NONE) return "不要求见证";
  const found = policy.groups.find((each) => each.name === name);
  if (!found) return nameWitness(name);
  const members = found.members.map((member) => inWords(policy, member));
  if (found.members.length === found.least) return members.join("，并且");
  return `${members.join("、")}中至少 ${found.least} 家`;
}
