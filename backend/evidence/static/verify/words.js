// What people call the witnesses, and what stands in records; whatever has no word is shown as it is.

/**
 * @typedef {{ title: string, fields: Record<string, string>, values: Record<string, string> }} Kind
 * @typedef {{ witnesses: Record<string, string>, kinds: Record<string, Kind> }} Words
 */

/** @type {Words} */
let words = { witnesses: {}, kinds: {} };

/** Fetch the words; without them the page says what it would say, in the record's own names. */
export async function loadWords() {
  const answer = await fetch("words.json", { cache: "no-cache" });
  if (answer.ok) words = await answer.json();
}

/** @param {string} name of a witness in a policy */
export function nameWitness(name) {
  return words.witnesses[name] ?? name;
}

/** @param {string} kind */
export function nameKind(kind) {
  return words.kinds[kind]?.title ?? kind;
}

/**
 * @param {string} kind
 * @param {string} field
 */
export function nameField(kind, field) {
  return words.kinds[kind]?.fields[field] ?? field;
}

/**
 * A value as people read it: with the code that was committed to behind its word, and nothing that is not seen.
 *
 * @param {string} kind
 * @param {string} value
 */
export function nameValue(kind, value) {
  const word = words.kinds[kind]?.values[value];
  return word ? `${word}（${value}）` : value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** @param {string} character */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
