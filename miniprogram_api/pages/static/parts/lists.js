// Lists, and what stands where a list is empty.

import { h } from "../core/dom.js";

/** @typedef {import("../core/dom.js").Child} Child */

/**
 * @param {string} text
 * @param {string} [hint] what to do about it
 */
export function empty(text, hint = "") {
  return h("div", { class: "empty" }, h("p", { class: "empty__text" }, text), hint && h("p", {}, hint));
}

/**
 * Rows that lead somewhere, as WeUI's cells.
 *
 * @param {string} label
 * @param {...Node} rows
 */
export function cells(label, ...rows) {
  return h(
    "section",
    { class: "group", "aria-label": label || null },
    label && h("h2", { class: "weui-cells__title" }, label),
    h("div", { class: "weui-cells" }, ...rows),
  );
}

/**
 * @param {string} href
 * @param {string} title
 * @param {string} [value] at its end
 * @param {string} [text] below
 */
export function linkCell(href, title, value = "", text = "") {
  return h(
    "a",
    { class: "weui-cell weui-cell_access", href },
    h(
      "span",
      { class: "weui-cell__bd" },
      h("span", { class: "cell__title" }, title),
      text && h("span", { class: "cell__text" }, text),
    ),
    h("span", { class: "weui-cell__ft" }, value),
  );
}

/**
 * @param {string} title
 * @param {...Child} lines
 */
export function entry(title, ...lines) {
  return h(
    "li",
    { class: "entry" },
    h("p", { class: "entry__title" }, title),
    ...lines.map((text) => text && h("p", { class: "entry__line" }, text)),
  );
}

/** @param {...Node} entries */
export function list(...entries) {
  return h("ul", { class: "entries" }, ...entries);
}
