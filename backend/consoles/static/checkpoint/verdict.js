// The verdict fills the screen: colour, word, shape, sound. What passes goes by itself, all else waits for a tap.

import { byId, drawing, h } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {import("./types.js").Told} Told */

const SHOWN = 3000;
/** A tick in a circle, a cross in a square, a clock in a triangle's place, a question mark in a lozenge. */
const SHAPES = {
  passes: "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22zM10.4 17 5.6 12.2l1.9-1.9 2.9 2.9 6.1-6.2 1.9 1.9z",
  refused:
    "M1 1h22v22H1zM7.6 5.8 5.8 7.6l4.4 4.4-4.4 4.4 1.8 1.8 4.4-4.4 4.4 4.4 1.8-1.8-4.4-4.4 4.4-4.4-1.8-1.8-4.4 4.4z",
  out_of_date: "M12 1 0.5 22h23zM10.9 8.5h2.2v5.2l3.2 2-1.1 1.8-4.3-2.6z",
  cannot_be_checked:
    "M12 .5.5 12 12 23.5 23.5 12zM10.9 15.2h2.2v2.2h-2.2zM8.7 10a3.3 3.3 0 1 1 4.9 2.9c-.4.3-.5.5-.5 1h-2.2c0-1.4.5-2.2 1.5-2.8A1.2 1.2 0 1 0 10.9 10z",
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
 */
export function show(told, alone, closed) {
  const [panel, button] = [byId("verdict", HTMLElement), byId("next", HTMLButtonElement)];
  panel.className = `verdict ${look(told)}`;
  byId("told", HTMLElement).replaceChildren(
    drawing(SHAPES[told.outcome], "verdict__shape"),
    h("h2", { class: "verdict__word" }, told.outcome_name),
    ...person(told),
    ...(told.warning ? [h("p", { class: "verdict__warning" }, told.warning)] : []),
    h("p", { class: "verdict__reason" }, told.reason),
    h("p", { class: "verdict__step" }, told.next_step),
    ...(alone ? [h("p", { class: "verdict__alone" }, "没有网络：已记下，联网后自动上传。")] : []),
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

/** Name and number, for comparing with the card. @param {Told} told */
function person({ first_character, last_four, colour_name }) {
  if (!first_character) return [];
  return [
    h(
      "p",
      { class: "verdict__person" },
      h("span", { class: "verdict__name" }, `${first_character}某`),
      h("span", { class: "verdict__four" }, last_four),
    ),
    h("p", { class: "verdict__colour" }, colour_name),
  ];
}
