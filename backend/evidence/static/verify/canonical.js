// Canonical JSON (RFC 8785): one text for one value, whoever writes it.

import { Malformed } from "./bytes.js";

/** @typedef {null | boolean | number | string | Json[] | { [name: string]: Json }} Json */

/**
 * @param {Json} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    // By default names sort by their UTF-16 code units, as the RFC wants it.
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${primitive(name)}:${canonical(value[name] ?? null)}`).join(",")}}`;
  }
  return primitive(value);
}

/** @param {null | boolean | number | string} value */
function primitive(value) {
  const halved = typeof value === "string" && /\p{Surrogate}/u.test(value);
  if (halved || (typeof value === "number" && !Number.isFinite(value))) {
    throw new Malformed("记录内容里有不能规范化的文字或数字。");
  }
  return JSON.stringify(value);
}
