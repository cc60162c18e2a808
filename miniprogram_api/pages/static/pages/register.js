// One form: who the person is. A name and a number that stand on a roster are confirmed at once.

import { keys, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { Refused } from "../core/http.js";
import * as me from "../core/me.js";
import { day } from "../core/moment.js";
import { choice, form, sender, textField, Wrong } from "../parts/form.js";
import { regionSelect } from "../parts/region_select.js";
import { faultOfResidentId, tidyResidentId } from "../parts/resident_id.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Claimed} Claimed */
/** @typedef {import("../types.js").Relation} Relation */

const FAMILY_DAYS = 30;
const DAY = 24 * 3600_000;
const NAME_LENGTH = 50;
const LENGTH = 18;

/**
 * @param {URLSearchParams} params `relation=family` for somebody else
 * @returns {View}
 */
export function page(params) {
  const own = me.known()?.people.some((person) => person.relation === "self") ?? false;
  const place = h("div", { class: "stack" });
  place.append(register(place, params.get("relation") === "family" || own ? "family" : "self"));
  return { title: "登记", first: !own, body: [place] };
}

/**
 * @param {HTMLElement} place
 * @param {Relation} relation
 */
function register(place, relation) {
  const fields = inputs(relation);
  const keyFor = keys();
  /** @type {ReturnType<typeof regionSelect> | null} */
  let region = null;
  const wider = h("div", {});
  const sending = sender(
    "登记",
    async () => {
      const body = read(fields, region?.value() ?? "");
      try {
        /** @type {Claimed} */
        const claimed = await post("/claims", body, keyFor(body));
        await me.load();
        me.choose(claimed.person_id);
        place.replaceChildren(...outcome(claimed));
        document.querySelector("h2")?.focus();
      } catch (fault) {
        if (!(fault instanceof Refused && fault.fields.region_code)) throw fault;
        region ??= regionSelect();
        wider.replaceChildren(region.row);
        region.fail(fault.fields.region_code);
        throw fault;
      }
    },
    { name: fields.name, resident_id: fields.number, until: fields.until, relation: fields.relation },
  );
  return form(
    sending,
    h("p", { class: "lead" }, "请照着身份证填。只用来核对您在不在外出务工名单上。"),
    fields.relation.row,
    fields.name.row,
    fields.number.row,
    fields.until.row,
    wider,
  );
}

/** @param {Relation} relation */
function inputs(relation) {
  const name = textField("name", "姓名", {
    type: "text",
    autocomplete: "name",
    maxlength: NAME_LENGTH,
    placeholder: "身份证上的姓名",
  });
  const number = textField("resident_id", "身份证号", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 24,
    placeholder: "18 位，最后一位可能是 X",
  });
  // Told while typing the last character: told at leaving the field, the text would push away the button being pressed.
  number.input.addEventListener("input", () => {
    const tidy = tidyResidentId(number.input.value);
    if (tidy.length >= LENGTH) number.fail(faultOfResidentId(tidy, day(Date.now())));
  });
  number.input.addEventListener("blur", () => {
    number.input.value = tidyResidentId(number.input.value);
  });
  const until = textField(
    "until",
    "替家人亮码到哪一天",
    {
      type: "date",
      min: day(Date.now()),
      max: day(Date.now() + FAMILY_DAYS * DAY),
      value: day(Date.now() + FAMILY_DAYS * DAY),
    },
    `最长 ${FAMILY_DAYS} 天，到期可以再办。`,
  );
  until.row.hidden = relation === "self";
  const whose = choice(
    "relation",
    "给谁登记",
    /** @type {[Relation, string][]} */ ([
      ["self", "我自己"],
      ["family", "替家人"],
    ]),
    {
      chosen: relation,
      changed: (value) => {
        until.row.hidden = value === "self";
      },
    },
  );
  return { name, number, until, relation: whose };
}

/**
 * What is sent; what is wrong is said before.
 *
 * @param {ReturnType<typeof inputs>} fields
 * @param {string} region
 */
function read({ name, number, until, relation }, region) {
  const typed = name.input.value.trim();
  const residentId = tidyResidentId(number.input.value);
  /** @type {Record<string, string>} */
  const wrong = {};
  if (!typed) wrong.name = "请填姓名。";
  const fault = faultOfResidentId(residentId, day(Date.now()));
  if (fault) wrong.resident_id = fault;
  const whose = relation.value() ?? "self";
  if (whose !== "self" && !until.input.value) wrong.until = "请选到哪一天。";
  if (Object.keys(wrong).length) throw new Wrong(wrong);
  return {
    name: typed,
    resident_id: residentId,
    relation: whose,
    ...(whose === "self" ? {} : { until: `${until.input.value}T23:59:59+08:00` }),
    ...(region ? { region_code: region } : {}),
  };
}

/**
 * What came of it, and what comes next.
 *
 * @param {Claimed} claimed
 */
function outcome({ state, message, person_id }) {
  const mayDeclare = me.known()?.people.find(({ id }) => id === person_id)?.may_show ?? false;
  const [icon, title] = {
    confirmed: ["weui-icon-success", "登记好了"],
    pending: ["weui-icon-waiting", "已交工作人员核对"],
    refused: ["weui-icon-warn", "没有登记上"],
  }[state];
  return [
    h(
      "div",
      { class: "weui-msg result" },
      h("div", { class: "weui-msg__icon-area" }, h("i", { class: `${icon} weui-icon_msg`, "aria-hidden": "true" })),
      h(
        "div",
        { class: "weui-msg__text-area" },
        h("h2", { class: "weui-msg__title", tabindex: -1 }, title ?? ""),
        h("p", { class: "weui-msg__desc", role: "status" }, message),
        state === "pending" &&
          mayDeclare &&
          h("p", { class: "weui-msg__desc" }, "核对期间不耽误，现在就可以申报健康、亮码。"),
      ),
    ),
    mayDeclare
      ? h("a", { class: "weui-btn weui-btn_primary", href: "#/declare" }, "去申报今天的健康")
      : h("a", { class: "weui-btn weui-btn_primary", href: "#/people" }, "看看登记的人"),
    h("a", { class: "weui-btn weui-btn_default", href: "#/code" }, "以后再说"),
  ];
}
