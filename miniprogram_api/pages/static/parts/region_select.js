// Choosing a county: province, city, county, one after the other.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";

/** @typedef {import("../types.js").Region} Region */

const LEVELS = ["省（自治区、直辖市）", "市（州、地区）", "县（市、区）"];

/**
 * @param {string} [question]
 * @param {string} [name] apart from other such fields of the page
 * @returns {import("./form.js").Field & {value: () => string}} the lowest region chosen
 */
export function regionSelect(question = "户籍所在的县（市、区）", name = "region") {
  const said = h("p", { class: "field__said", id: `${name}-said` });
  const place = h("div", { class: "stack" });
  const row = h("fieldset", { class: "field" }, h("legend", { class: "field__label" }, question), place, said);
  /** @param {string} text */
  function fail(text) {
    said.textContent = text;
    said.classList.toggle("field__said_wrong", text !== "");
  }
  /**
   * @param {number} level
   * @param {string} parent
   */
  async function add(level, parent) {
    while (place.children.length > level) place.lastElementChild?.remove();
    const label = LEVELS[level];
    if (label === undefined) return;
    try {
      /** @type {Region[]} */
      const regions = await get(parent ? `/regions?parent=${parent}` : "/regions");
      if (regions.length) place.append(select(label, regions, said.id, (code) => add(level + 1, code)));
    } catch (fault) {
      fail(fault instanceof Error ? fault.message : String(fault));
    }
  }
  add(0, "");
  return {
    row,
    fail,
    focus: () => place.querySelector("select")?.focus(),
    value: () =>
      Array.from(place.querySelectorAll("select"), ({ value }) => value)
        .filter(Boolean)
        .at(-1) ?? "",
  };
}

/**
 * @param {string} label
 * @param {Region[]} regions
 * @param {string} described
 * @param {(code: string) => void} chosen
 */
function select(label, regions, described, chosen) {
  const element = h(
    "select",
    { class: "field__input", "aria-label": label, "aria-describedby": described },
    h("option", { value: "" }, `请选${label}`),
    ...regions.map(({ code, name }) => h("option", { value: code }, name)),
  );
  element.addEventListener("change", () => element.value && chosen(element.value));
  return element;
}
