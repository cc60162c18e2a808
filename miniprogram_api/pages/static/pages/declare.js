// Temperature and symptoms: what the health code rests on for the next 24 hours.

import { keys, post } from "../core/api.js";
import { forget } from "../core/code.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import * as packs from "../core/pack.js";
import { go } from "../core/router.js";
import { choice, form, sender, Wrong } from "../parts/form.js";
import { symptomToggles } from "../parts/symptoms.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../parts/form.js").Field} Field */

const LOWEST = 340;
const HIGHEST = 430;
const USUAL = 365;
/** @type {[("yes" | "no"), string][]} */
const YES_NO = [
  ["no", "没有"],
  ["yes", "有"],
];

/** @returns {View} */
export function page() {
  const person = me.current();
  const agreed = me.known()?.consents.sensitive ?? false;
  if (!person || !agreed) return notAgreed();
  const temperature = thermometer();
  const symptoms = symptomToggles();
  const contact = choice("contact", "14 天内接触过确诊或疑似病例吗？", YES_NO);
  const abroad = choice("abroad", "14 天内从境外回来吗？", YES_NO);
  const keyFor = keys();
  const sending = sender(
    "提交申报",
    async () => {
      const body = read({ temperature, symptoms, contact, abroad });
      await post(`/people/${person.id}/declarations`, body, keyFor(body));
      forget(person.id);
      await packs.forget(person.id);
      go("code", { replace: true });
    },
    { temperature, symptoms, contact, abroad },
  );
  return {
    title: "健康申报",
    body: [
      h("p", { class: "lead" }, `为 ${person.name_mask}（尾号 ${me.lastFour(person)}）申报。`),
      form(
        sending,
        temperature.row,
        symptoms.row,
        contact.row,
        abroad.row,
        h("p", { class: "foot" }, "请如实填写，24 小时内有效。"),
      ),
    ],
  };
}

/** @returns {View} */
function notAgreed() {
  return {
    title: "健康申报",
    body: [
      h("p", { class: "lead" }, "体温和症状是敏感信息，您还没有同意使用，所以不能在手机上申报。"),
      h("p", {}, "不同意也可以：请社区、车站的工作人员量体温后当面登记。"),
      h("a", { class: "weui-btn weui-btn_primary", href: "#/consents" }, "去看看“我的授权”"),
      h("a", { class: "weui-btn weui-btn_default", href: "#/help" }, "打电话求助"),
    ],
  };
}

/**
 * @typedef {ReturnType<typeof thermometer>} Thermometer
 * @typedef {ReturnType<typeof symptomToggles>} Symptoms
 * @typedef {Field & {value: () => "yes" | "no" | null}} YesNo
 * @param {{temperature: Thermometer, symptoms: Symptoms, contact: YesNo, abroad: YesNo}} answers
 */
function read({ temperature, symptoms, contact, abroad }) {
  const tenths = temperature.value();
  /** @type {Record<string, string>} */
  const wrong = {};
  if (tenths === null) wrong.temperature = "请量体温后填写，34.0 到 43.0 之间。";
  if (symptoms.value() === null) wrong.symptoms = "请选择有哪些症状；都没有请点“都没有”。";
  if (contact.value() === null) wrong.contact = "请选择有或没有。";
  if (abroad.value() === null) wrong.abroad = "请选择有或没有。";
  if (Object.keys(wrong).length) throw new Wrong(wrong);
  return {
    temperature: (tenths ?? 0) / 10,
    symptoms: symptoms.value() ?? [],
    contact: contact.value() === "yes",
    abroad: abroad.value() === "yes",
  };
}

/** A number to type or to step by a tenth of a degree. It begins empty: a temperature is measured, not offered. */
function thermometer() {
  const input = h("input", {
    id: "temperature",
    class: "stepper__input",
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    maxlength: 4,
    placeholder: "36.5",
    "aria-describedby": "temperature-said",
  });
  const said = h("p", { id: "temperature-said", class: "field__said" }, "先量体温。也可以按加减号。");
  /** @param {string} text */
  function fail(text) {
    said.textContent = text || "先量体温。也可以按加减号。";
    said.classList.toggle("field__said_wrong", text !== "");
  }
  /** @returns {number | null} tenths */
  function value() {
    const typed = input.value
      .normalize("NFKC")
      .replace(/[。,，]/g, ".")
      .trim();
    const tenths = /^\d{2}(\.\d)?$/.test(typed) ? Math.round(Number(typed) * 10) : 0;
    return tenths >= LOWEST && tenths <= HIGHEST ? tenths : null;
  }
  /** @param {number} by */
  function step(by) {
    const now = value();
    const next = now === null ? USUAL : Math.min(HIGHEST, Math.max(LOWEST, now + by));
    input.value = (next / 10).toFixed(1);
    fail("");
  }
  input.addEventListener("input", () => fail(""));
  const row = h(
    "div",
    { class: "field" },
    h("label", { class: "field__label", for: "temperature" }, "今天的体温"),
    h(
      "div",
      { class: "stepper" },
      h(
        "button",
        { type: "button", class: "stepper__button", "aria-label": "减 0.1 度", onclick: () => step(-1) },
        "−",
      ),
      h("span", { class: "stepper__value" }, input, h("span", { class: "stepper__unit" }, "℃")),
      h("button", { type: "button", class: "stepper__button", "aria-label": "加 0.1 度", onclick: () => step(1) }, "+"),
    ),
    said,
  );
  return { row, fail, value, focus: () => input.focus() };
}
