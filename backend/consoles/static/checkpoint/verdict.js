// The verdict fills the screen: colour, word, shape, sound. What passes goes by itself, all else waits for a tap.

import { byId, drawing, h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {import("./types.js").Told} Told */
/** @typedef {(degrees: number) => Promise<{sentence: string, fever: boolean}>} Measure */

const SHOWN = 3000;
const LONG = "verdict__word verdict__word_long";
/** A tick in a circle, a cross in a square, a clock in a triangle's place, a question mark in a lozenge. */
export const SHAPES = {
  passes: "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22zM10.4 17 5.6 12.2l1.9-1.9 2.9 2.9 6.1-6.2 1.9 1.9z",
  refused:
    "M1 1h22v22H1zM7.6 5.8 5.8 7.6l4.4 4.4-4.4 4.4 1.8 1.8 4.4-4.4 4.4 4.4 1.8-1.8-4.4-4.4 4.4-4.4-1.8-1.8-4.4 4.4z",
  out_of_date: "M12 1 0.5 22h23zM10.9 8.5h2.2v5.2l3.2 2-1.1 1.8-4.3-2.6z",
  cannot_be_checked:
    "M12 .5.5 12 12 23.5 23.5 12zM10.9 15.2h2.2v2.2h-2.2zM8.7 10a3.3 3.3 0 1 1 4.9 2.9c-.4.3-.5.5-.5 1h-2.2c0-1.4.5-2.2 1.5-2.8A1.2 1.2 0 1 0 10.9 10z",
};

/** Whoever has a fever doesn't pass, whatever colour the code had. @type {Partial<Told>} */
const FEVER = {
  outcome: "refused",
  outcome_name: "不能通过",
  colour: "yellow",
  colour_name: "发热",
  warning: "",
  next_step: "不要放行，交给卫生人员。",
};

/** Green is for what passes alone, red and yellow for codes of that colour; all else is dark. @param {Told} told */
function look({ outcome, colour }) {
  if (outcome === "passes") return "verdict_green";
  const coloured = outcome === "refused" && (colour === "yellow" || colour === "red");
  return coloured ? `verdict_${colour}` : "verdict_dark";
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * @param {Told} told
 * @param {boolean} alone without the server
 * @param {() => void} closed
 * @param {Measure} [measure] what to do with a temperature
 * @param {HTMLElement} [more] what else can be done
 */
export function show(told, alone, closed, measure, more) {
  const [panel, button] = [byId("verdict", HTMLElement), byId("next", HTMLButtonElement)];
  /** @param {string} reason */
  const refuse = (reason) => show({ ...told, ...FEVER, reason }, false, closed, measure, more);
  panel.className = `verdict ${look(told)}`;
  byId("told", HTMLElement).replaceChildren(
    drawing(SHAPES[told.outcome], "verdict__shape"),
    h("h2", { class: told.outcome_name.length > 5 ? LONG : "verdict__word" }, told.outcome_name),
    ...person(told),
    ...(told.warning ? [h("p", { class: "verdict__warning" }, told.warning)] : []),
    h("p", { class: "verdict__reason" }, told.reason),
    h("p", { class: "verdict__step" }, told.next_step),
    ...(alone ? [h("p", { class: "verdict__alone" }, "没有网络：联网后自动上传。")] : []),
    ...(measure && (told.outcome === "passes" || told.outcome === "refused") ? [thermometer(measure, refuse)] : []),
    ...(more ? [more] : []),
  );
  const goes = told.outcome === "passes" && !told.warning;
  panel.classList.toggle("verdict_goes", goes);
  panel.hidden = false;
  button.textContent = goes ? "下一位" : "知道了，下一位";
  const close = () => {
    clearTimeout(timer);
    panel.hidden = true;
    button.onclick = null;
    closed();
  };
  button.onclick = close;
  button.focus({ preventScroll: true });
  signal(told.outcome);
  clearTimeout(timer);
  if (goes) timer = setTimeout(close, SHOWN);
}

/** Whoever does something beside the verdict isn't hurried on. */
export function stay() {
  clearTimeout(timer);
  byId("verdict", HTMLElement).classList.remove("verdict_goes");
}

/**
 * A field for the temperature. Whoever types in it isn't hurried on.
 *
 * @param {Measure} measure
 * @param {(sentence: string) => void} refuse what to do after a fever
 */
function thermometer(measure, refuse) {
  const field = h("input", {
    class: "measure__field",
    inputmode: "decimal",
    placeholder: "36.5",
    maxlength: "4",
    "aria-label": "测得体温，摄氏度",
    autocomplete: "off",
  });
  const said = h("p", { class: "measure__said", role: "status" });
  const form = h(
    "form",
    { class: "measure" },
    h("span", {}, "测得体温"),
    field,
    h("span", {}, "℃"),
    h("button", { class: "button", type: "submit" }, "记录"),
    said,
  );
  field.addEventListener("focus", stay);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const degrees = Number(field.value.replace(/[，。,]/, "."));
    if (!(degrees >= 34 && degrees <= 43)) {
      said.textContent = "请填写 34.0 到 43.0 之间的体温。";
      return;
    }
    field.value = "";
    const { sentence, fever } = await measure(Math.round(degrees * 10) / 10);
    if (fever) refuse(sentence);
    else said.textContent = sentence;
  });
  return form;
}

/** Name and number, for comparing with the card. @param {Told} told */
function person({ first_character, last_four, colour_name, issuer_name }) {
  if (!first_character) return [];
  return [
    h(
      "p",
      { class: "verdict__person" },
      h("span", { class: "verdict__name" }, `${first_character}某`),
      h("span", { class: "verdict__four" }, last_four),
    ),
    h("p", { class: "verdict__colour" }, issuer_name ? `${colour_name} · ${issuer_name}签发` : colour_name),
  ];
}
