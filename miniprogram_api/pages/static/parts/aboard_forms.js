// The forms below a vehicle's list: who doesn't travel, who joins, who swaps seats, heads, observation, handing over.

import { h } from "../core/dom.js";
import { clock } from "../core/moment.js";
import { folded, need, people, select, somebody, typed } from "./aboard_fields.js";
import { declaring } from "./declaring.js";
import { Wrong } from "./form.js";

/** @typedef {import("../types.js").Passenger} Passenger */
/** @typedef {import("./aboard_fields.js").Aboard} Aboard */

const MOST_HEADS = 3000;

/** @param {Aboard} aboard */
export function forms(aboard) {
  const left = Boolean(aboard.list?.departed_at);
  return h(
    "div",
    { class: "stack" },
    measuring(aboard),
    declaring(aboard),
    counting(aboard),
    left ? observing(aboard) : striking(aboard),
    handing(aboard),
    !left && swapping(aboard),
    !left && adding(aboard),
  );
}

/**
 * A round: whoever was measured longest ago comes first, and after each the next.
 *
 * @param {Aboard} aboard
 */
function measuring(aboard) {
  const standings = aboard.list?.departed_at ? ["aboard"] : ["expected", "aboard"];
  const who = select("measured", "给谁量", async () =>
    (await people(aboard, standings))
      .sort((a, b) => (a.measured_at ?? "").localeCompare(b.measured_at ?? ""))
      .map((one) => [one.id, `${one.name} ${one.last_four}，${last(one)}`]),
  );
  const temperature = typed("temperature", "体温（℃）", { inputmode: "decimal", maxlength: 4, placeholder: "36.5" });
  return folded(
    "测体温",
    "记下体温",
    { entry_id: who, temperature },
    async () => {
      need({ entry_id: who });
      const degrees = Number(temperature.value().replace(/[。,，]/g, "."));
      if (!(degrees >= 34 && degrees <= 43)) throw new Wrong({ temperature: "请填 34.0 到 43.0 之间的体温。" });
      await aboard.write({ kind: "measured", entry_id: who.value(), temperature: Math.round(degrees * 10) / 10 });
      await who.load?.();
      who.next?.();
      who.focus();
    },
    { stays: true },
  );
}

/** @param {Passenger} one */
function last({ temperature, measured_at }) {
  return measured_at ? `${clock(Date.parse(measured_at)).slice(0, 5)} ${temperature?.toFixed(1)} ℃` : "还没有测";
}

/** @param {Aboard} aboard */
function counting(aboard) {
  const heads = typed("heads", "点到几人", { inputmode: "numeric", maxlength: 4 });
  const place = typed("count-place", "在哪里（可不填）", { maxlength: 60 });
  return folded("清点人数", "记下人数", { heads, place }, async () => {
    const number = Number(heads.value());
    if (!/^\d{1,4}$/.test(heads.value()) || number > MOST_HEADS) throw new Wrong({ heads: "请填点到的人数。" });
    await aboard.write({ kind: "counted", heads: number, place: place.value() });
  });
}

/** @param {Aboard} aboard */
function striking(aboard) {
  const who = somebody("struck", "谁不走了", aboard, ["expected", "aboard"]);
  const words = typed("struck-words", "原因", { maxlength: 100 });
  return folded("有人不走了", "从名单退出", { who, words }, async () => {
    need({ who, words });
    await aboard.write({ kind: "struck", entry_id: who.value(), words: words.value() });
  });
}

/** @param {Aboard} aboard */
function observing(aboard) {
  const who = somebody("observed", "谁要观察", aboard, ["aboard"]);
  const words = typed("observed-words", "原因，例如 发热", { maxlength: 100 });
  const seats = aboard.list?.observation_seats ?? [];
  const seat = select("observed-seat", "换到哪个观察座位", () => seats.map((one) => [one, `${one} 号`]));
  const fields = { who, words, ...(seats.length ? { seat } : {}) };
  return folded("移到观察座位", "记下", fields, async () => {
    need(fields);
    await aboard.write({ kind: "observed", entry_id: who.value(), words: words.value(), seat: seat.value() });
  });
}

/** @param {Aboard} aboard */
function handing(aboard) {
  const left = Boolean(aboard.list?.departed_at);
  const who = somebody("to-health", "移交谁", aboard, left ? ["aboard"] : ["expected", "aboard"]);
  const stops = (left && aboard.list?.stops.filter(({ hands_over }) => hands_over)) || [];
  const place = stops.length
    ? select("to-health-place", "在哪里移交", () => stops.map(({ name }) => [name, name]))
    : typed("to-health-place", "移交给哪里的卫健部门", { maxlength: 60 });
  return folded("移交卫健部门", "记下移交", { who, place }, async () => {
    need({ who, place });
    await aboard.write({ kind: "to_health", entry_id: who.value(), place: place.value() });
  });
}

/** @param {Aboard} aboard */
function swapping(aboard) {
  const who = somebody("swapped", "谁", aboard, ["expected", "aboard"]);
  const other = somebody("swapped-other", "和谁换", aboard, ["expected", "aboard"]);
  return folded("两个人换座", "换座", { who, other }, async () => {
    need({ who, other });
    if (who.value() === other.value()) throw new Wrong({ other: "请选另一个人。" });
    await aboard.write({ kind: "swapped", entry_id: who.value(), other_id: other.value() });
  });
}

/** @param {Aboard} aboard */
function adding(aboard) {
  const name = typed("added-name", "姓名", { maxlength: 50 });
  const lastFour = typed("added-last-four", "身份证后四位", { maxlength: 4, autocapitalize: "characters" });
  return folded("加一个人", "加到本车", { name, last_four: lastFour }, async () => {
    need({ name });
    if (!/^\d{3}[\dXx]$/.test(lastFour.value())) throw new Wrong({ last_four: "请填身份证号的最后四位。" });
    await aboard.write({ kind: "added", name: name.value(), last_four: lastFour.value() });
  });
}
