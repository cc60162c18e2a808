// What the forms below a vehicle's list are made of: choices among its people, lines to type in, and the fold.

import { asMarked, waiting } from "../core/aboard.js";
import { fill, h } from "../core/dom.js";
import { form, sender, textField, Wrong } from "./form.js";

/** @typedef {import("../types.js").Mark} Mark */
/** @typedef {import("../types.js").VehicleList} VehicleList */
/** @typedef {import("./form.js").Field} Field */
/** @typedef {Field & {value: () => string, load?: () => Promise<void>, next?: () => void}} Asked `load` reads the choices anew, `next` takes the first */
/** @typedef {{trip: string, list: VehicleList | null, write: (said: Omit<Mark, "key" | "at">) => Promise<void>}} Aboard */

/** @param {Record<string, Asked>} fields */
export function need(fields) {
  const wrong = Object.entries(fields).filter(([, field]) => field.value() === "");
  if (wrong.length) throw new Wrong(Object.fromEntries(wrong.map(([name]) => [name, "必填。"])));
}

/**
 * @param {string} title
 * @param {string} label
 * @param {Record<string, Field & {load?: () => Promise<void>}>} fields
 * @param {() => Promise<void>} work
 * @param {{stays?: boolean, hint?: string}} [options] whether it is open for the next, and what stands above
 */
export function folded(title, label, fields, work, { stays = false, hint = "" } = {}) {
  const details = h("details", { class: "panel fold" }, h("summary", { class: "fold__title" }, title));
  const sending = sender(
    label,
    async () => {
      await work();
      details.open = stays;
      for (const input of details.querySelectorAll("input")) {
        if (["checkbox", "radio"].includes(input.type)) input.checked = false;
        else input.value = "";
      }
    },
    fields,
  );
  if (hint) details.append(h("p", { class: "hint" }, hint));
  details.append(form(sending, ...Object.values(fields).map(({ row }) => row)));
  details.addEventListener("toggle", () => {
    for (const field of Object.values(fields)) field.load?.();
  });
  return details;
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Record<string, unknown>} attributes
 * @returns {Asked}
 */
export function typed(id, label, attributes) {
  const field = textField(id, label, { type: "text", autocomplete: "off", ...attributes });
  return { ...field, value: () => field.input.value.normalize("NFKC").trim() };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {() => [string, string][] | Promise<[string, string][]>} choices read each time that the form is opened
 * @returns {Asked}
 */
export function select(id, label, choices) {
  const said = h("p", { class: "field__said", id: `${id}-said` });
  const element = h("select", { class: "field__input", id, "aria-describedby": `${id}-said` });
  const row = h("div", { class: "field" }, h("label", { class: "field__label", for: id }, label), element, said);
  async function load() {
    const options = await choices();
    // Read after waiting: somebody may have chosen meanwhile.
    const chosen = element.value;
    fill(
      element,
      h("option", { value: "" }, "请选择"),
      ...options.map(([value, text]) => h("option", { value }, text)),
    );
    element.value = options.some(([value]) => value === chosen) ? chosen : "";
  }
  load();
  function next() {
    element.selectedIndex = Math.min(1, element.options.length - 1);
  }
  /** @param {string} text */
  function fail(text) {
    said.textContent = text;
    said.classList.toggle("field__said_wrong", text !== "");
  }
  return { row, fail, focus: () => element.focus(), value: () => element.value, load, next };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Aboard} aboard
 * @param {string[]} standings
 */
export function somebody(id, label, aboard, standings) {
  return select(id, label, async () =>
    (await people(aboard, standings)).map(({ id: value, name, last_four, seat }) => [
      value,
      `${name} ${last_four}${seat ? `，座位 ${seat}` : ""}`,
    ]),
  );
}

/**
 * @param {Aboard} aboard
 * @param {string[]} standings
 */
export async function people(aboard, standings) {
  const all = aboard.list ? asMarked(aboard.list, await waiting(aboard.trip)) : [];
  return all.filter(({ standing }) => standings.includes(standing));
}
