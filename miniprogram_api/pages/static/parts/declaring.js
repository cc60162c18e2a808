// The leader declares the health of somebody aboard who has no phone: what the person says, once the person agrees.

import { h } from "../core/dom.js";
import { folded, need, people, select, typed } from "./aboard_fields.js";
import { choice, Wrong } from "./form.js";
import { symptomToggles } from "./symptoms.js";

/** @typedef {import("./aboard_fields.js").Aboard} Aboard */

/** @type {[("yes" | "no"), string][]} */
const YES_NO = [
  ["no", "没有"],
  ["yes", "有"],
];

/** @param {Aboard} aboard */
export function declaring(aboard) {
  const standings = aboard.list?.departed_at ? ["aboard"] : ["expected", "aboard"];
  const who = select("declared", "替谁申报", async () =>
    (await people(aboard, standings))
      .filter(({ has_phone }) => !has_phone)
      .map(({ id, name, last_four, colour_name }) => [id, `${name} ${last_four}，${colour_name}`]),
  );
  const temperature = typed("declared-temperature", "刚量的体温，摄氏度", {
    inputmode: "decimal",
    maxlength: 4,
    placeholder: "36.5",
  });
  const symptoms = symptomToggles();
  const contact = choice("declared-contact", "14 天内接触过确诊或疑似病例吗？", YES_NO);
  const abroad = choice("declared-abroad", "14 天内从境外回来吗？", YES_NO);
  const agreed = agreement();
  return folded(
    "替没有手机的人申报",
    "代为申报",
    { who, temperature, symptoms, contact, abroad, agreed },
    async () => {
      need({ who });
      const degrees = Number(temperature.value().replace(/[。,，]/g, "."));
      /** @type {Record<string, string>} */
      const wrong = {};
      if (!(degrees >= 34 && degrees <= 43)) wrong.temperature = "请量体温后填写，34.0 到 43.0 之间。";
      if (symptoms.value() === null) wrong.symptoms = "请选择有哪些症状；都没有请点“都没有”。";
      if (contact.value() === null) wrong.contact = "请选择有或没有。";
      if (abroad.value() === null) wrong.abroad = "请选择有或没有。";
      if (!agreed.value()) wrong.agreed = "要本人在场并同意，才能代为申报。";
      if (Object.keys(wrong).length) throw new Wrong(wrong);
      await aboard.write({
        kind: "declared",
        entry_id: who.value(),
        temperature: Math.round(degrees * 10) / 10,
        symptoms: symptoms.value() ?? [],
        contact: contact.value() === "yes",
        abroad: abroad.value() === "yes",
        agreed: true,
      });
    },
    { hint: "只替在车上或马上要上车、今天没有用过自己手机账号的人申报。系统会记下是您申报的，本人和家人看得到。" },
  );
}

function agreement() {
  const said = h("p", { class: "field__said", id: "declared-agreed-said" });
  const box = h("input", { type: "checkbox", id: "declared-agreed", "aria-describedby": "declared-agreed-said" });
  /** @param {string} text */
  function fail(text) {
    said.textContent = text;
    said.classList.toggle("field__said_wrong", text !== "");
  }
  box.addEventListener("change", () => fail(""));
  const row = h(
    "div",
    { class: "field" },
    h("label", { class: "toggle", for: "declared-agreed" }, box, "本人在场，以上是本人说的，同意由我申报"),
    said,
  );
  return { row, fail, focus: () => box.focus(), value: () => box.checked };
}
