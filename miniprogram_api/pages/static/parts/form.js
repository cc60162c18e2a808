// Fields and buttons that say what is wrong and can't be pressed twice.

import { announce, h } from "../core/dom.js";
import { Refused } from "../core/http.js";
import { go } from "../core/router.js";
import { SignedOut } from "../core/session.js";

/**
 * @typedef {{row: HTMLElement, fail: (text: string) => void, focus: () => void}} Field
 * @typedef {Field & {input: HTMLInputElement}} TextField
 */

/**
 * A labelled line to type in, with room for what is wrong.
 *
 * @param {string} name
 * @param {string} label
 * @param {Record<string, unknown>} attributes of the input
 * @param {string} [hint]
 * @returns {TextField}
 */
export function textField(name, label, attributes, hint = "") {
  const input = h("input", {
    id: name,
    name,
    class: "field__input",
    "aria-describedby": `${name}-said`,
    ...attributes,
  });
  const { row, fail } = labelled(name, label, input, hint);
  input.addEventListener("input", () => fail(""));
  return {
    row,
    input,
    fail: (text) => {
      fail(text);
      input.setAttribute("aria-invalid", String(text !== ""));
    },
    focus: () => input.focus(),
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} hint
 */
function labelled(name, label, control, hint) {
  const said = h("p", { id: `${name}-said`, class: "field__said" }, hint);
  const row = h("div", { class: "field" }, h("label", { for: name, class: "field__label" }, label), control, said);
  return {
    row,
    /** @param {string} text */
    fail: (text) => {
      said.textContent = text || hint;
      said.classList.toggle("field__said_wrong", text !== "");
    },
  };
}

/**
 * One of a few answers, as large buttons.
 *
 * @template {string} V
 * @param {string} name
 * @param {string} question
 * @param {[V, string][]} answers value and label
 * @param {{chosen?: V | null, changed?: (value: V) => void}} [options]
 * @returns {Field & {value: () => V | null}}
 */
export function choice(name, question, answers, { chosen = null, changed } = {}) {
  const said = h("p", { id: `${name}-said`, class: "field__said" });
  const inputs = answers.map(([value]) =>
    h("input", {
      type: "radio",
      name,
      value,
      id: `${name}-${value}`,
      checked: value === chosen,
      onchange: () => {
        fail("");
        changed?.(value);
      },
    }),
  );
  /** @param {string} text */
  function fail(text) {
    said.textContent = text;
    said.classList.toggle("field__said_wrong", text !== "");
  }
  const row = h(
    "fieldset",
    { class: "field choice", "aria-describedby": `${name}-said` },
    h("legend", { class: "field__label" }, question),
    h(
      "div",
      { class: "choice__answers" },
      ...answers.map(([value, label], i) => h("label", { class: "toggle", for: `${name}-${value}` }, inputs[i], label)),
    ),
    said,
  );
  return {
    row,
    fail,
    focus: () => inputs[0]?.focus(),
    value: () => answers.find((_, i) => inputs[i]?.checked)?.[0] ?? null,
  };
}

/**
 * The one button that sends a form. While `work` runs it rests; what went wrong stands above it, and at its field.
 *
 * @param {string} label
 * @param {() => Promise<void>} work
 * @param {Record<string, Field>} [fields] by the API's names
 */
export function sender(label, work, fields = {}) {
  const alert = h("p", { class: "alert", role: "alert", hidden: true });
  const button = h("button", { class: "weui-btn weui-btn_primary", type: "submit" }, label);
  async function press() {
    if (button.disabled) return;
    busy(button, true);
    say(alert, "");
    for (const field of Object.values(fields)) field.fail("");
    try {
      await work();
    } catch (fault) {
      tell(fault, alert, fields);
    } finally {
      busy(button, false);
    }
  }
  return { alert, button, press };
}

/**
 * A form around fields and its sender.
 *
 * @param {ReturnType<typeof sender>} sending
 * @param {...(Node | string | null | false)} children
 */
export function form(sending, ...children) {
  return h(
    "form",
    {
      class: "form",
      novalidate: true,
      oninput: () => {
        sending.alert.hidden = true;
      },
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        sending.press();
      },
    },
    ...children,
    sending.alert,
    sending.button,
  );
}

/**
 * A button of its own that does one thing.
 *
 * @param {string} label
 * @param {string} kind a WeUI button class
 * @param {() => Promise<void>} work
 */
export function action(label, kind, work) {
  const sending = sender(label, work);
  sending.button.type = "button";
  sending.button.className = `weui-btn ${kind}`;
  sending.button.addEventListener("click", sending.press);
  return h("div", { class: "action" }, sending.alert, sending.button);
}

/** Something typed is wrong; nothing was sent. */
export class Wrong extends Error {
  /** @param {Record<string, string>} fields */
  constructor(fields) {
    super("请按提示改一下。");
    this.fields = fields;
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} on
 */
function busy(button, on) {
  button.disabled = on;
  button.setAttribute("aria-busy", String(on));
  button.classList.toggle("weui-btn_loading", on);
  button.querySelector(".weui-primary-loading")?.remove();
  if (on) {
    const dots = h("span", { class: "weui-primary-loading weui-primary-loading_transparent" });
    dots.append(h("i", { class: "weui-primary-loading__dot" }));
    button.prepend(dots);
  }
}

/**
 * @param {unknown} fault
 * @param {HTMLElement} alert
 * @param {Record<string, Field>} fields
 */
function tell(fault, alert, fields) {
  if (fault instanceof SignedOut) return go("enter", { replace: true, notice: fault.message });
  const wrong = fault instanceof Wrong || fault instanceof Refused ? fault.fields : {};
  const found = Object.entries(wrong).filter(([name]) => fields[name]);
  for (const [name, text] of found) fields[name]?.fail(text);
  say(alert, fault instanceof Error ? fault.message : String(fault));
  const first = found[0];
  if (first) fields[first[0]]?.focus();
  else alert.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLElement} alert
 * @param {string} text
 */
function say(alert, text) {
  alert.hidden = text === "";
  alert.textContent = text;
  if (text) announce(text);
}
