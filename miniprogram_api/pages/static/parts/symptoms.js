// Which symptoms somebody has, as large buttons.

import { h } from "../core/dom.js";

/** @type {[string, string][]} */
const SYMPTOMS = [
  ["cough", "咳嗽"],
  ["fatigue", "乏力"],
  ["breathless", "气促"],
  ["sore_throat", "咽痛"],
  ["diarrhoea", "腹泻"],
];

/** Large buttons; 都没有 excludes the others. */
export function symptomToggles() {
  const said = h("p", { id: "symptoms-said", class: "field__said" });
  /** @param {string} text */
  function fail(text) {
    said.textContent = text;
    said.classList.toggle("field__said_wrong", text !== "");
  }
  const none = box("none");
  const boxes = SYMPTOMS.map(([value]) => box(value));
  none.addEventListener("change", () => {
    if (none.checked) for (const other of boxes) other.checked = false;
    fail("");
  });
  for (const symptom of boxes) {
    symptom.addEventListener("change", () => {
      if (symptom.checked) none.checked = false;
      fail("");
    });
  }
  const row = h(
    "fieldset",
    { class: "field", "aria-describedby": "symptoms-said" },
    h("legend", { class: "field__label" }, "有这些症状吗？可以选几个"),
    h(
      "div",
      { class: "choice__answers" },
      h("label", { class: "toggle", for: none.id }, none, "都没有"),
      ...SYMPTOMS.map(([value, label], i) => h("label", { class: "toggle", for: `symptom-${value}` }, boxes[i], label)),
    ),
    said,
  );
  /** @returns {string[] | null} null when nothing was chosen yet */
  function value() {
    const chosen = boxes.filter(({ checked }) => checked).map((symptom) => symptom.value);
    return chosen.length || none.checked ? chosen : null;
  }
  return { row, fail, value, focus: () => none.focus() };
}

/** @param {string} value */
function box(value) {
  return h("input", { type: "checkbox", id: `symptom-${value}`, value });
}
