// For whom this account shows codes, and how far each claim is.

import { del } from "../core/api.js";
import { forget } from "../core/code.js";
import { fill, h } from "../core/dom.js";
import * as me from "../core/me.js";
import { day } from "../core/moment.js";
import * as packs from "../core/pack.js";
import { show as again, go } from "../core/router.js";
import { action } from "../parts/form.js";
import { empty } from "../parts/lists.js";

/** @typedef {import("../types.js").Person} Person */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const { people } = await me.load();
  return {
    title: "登记的人",
    body: [
      people.length ? h("div", { class: "stack" }, ...people.map(row)) : empty("还没有登记的人"),
      h(
        "a",
        {
          class: "weui-btn weui-btn_primary",
          href: people.some(({ relation }) => relation === "self") ? "#/register?relation=family" : "#/register",
        },
        "再登记一个人",
      ),
      h("p", { class: "foot" }, "可以替没有手机的老人、孩子登记和亮码，最长 30 天，到期可以再办。"),
    ],
  };
}

/** @param {Person} person */
function row(person) {
  const current = me.current()?.id === person.id;
  return h(
    "section",
    { class: "panel", "aria-label": person.name_mask },
    h(
      "h2",
      { class: "panel__title" },
      person.name_mask,
      h("span", { class: "tag" }, me.relationName(person)),
      current && h("span", { class: "tag tag_on" }, "正在亮码"),
    ),
    h("p", {}, person.resident_id_mask),
    h("p", { class: "panel__text" }, stateOf(person)),
    person.note && h("p", { class: "panel__text" }, `工作人员说明：${person.note}`),
    person.until && h("p", { class: "panel__text" }, `到 ${day(person.until)} 为止`),
    person.may_show &&
      h(
        "button",
        { class: "weui-btn weui-btn_default", type: "button", onclick: () => show(person.id) },
        "亮这个人的码",
      ),
    ending(person),
  );
}

/** @param {Person} person */
function stateOf(person) {
  if (person.state === "confirmed") return "已核对。";
  if (person.state === "refused") return "没有通过核对。";
  if (person.may_show) return "不在外出务工名单上，工作人员正在核对；现在就可以申报和亮码。";
  return "这个身份已经有别的账号在用，工作人员正在核对，结果会发消息告诉您。急用请打电话或到窗口。";
}

/**
 * Speaking for somebody no more; asked twice, since it takes a new claim to come back.
 *
 * @param {Person} person
 */
function ending(person) {
  const place = h("div", { class: "stack" });
  async function end() {
    await del(`/people/${person.id}`);
    forget(person.id);
    await packs.forget(person.id);
    await me.load();
    again();
  }
  function ask() {
    fill(
      place,
      h(
        "p",
        { class: "panel__without", role: "status" },
        `确定以后，这个账号不再为 ${person.name_mask} 亮码；要用得重新登记。`,
      ),
      action("确定", "weui-btn_warn", end),
      h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: offer }, "不了"),
    );
    place.querySelector("button")?.focus();
  }
  function offer() {
    fill(
      place,
      h(
        "button",
        { class: "quiet", type: "button", onclick: ask },
        person.may_show ? "不再为这个人亮码" : "移除这一条",
      ),
    );
  }
  offer();
  return place;
}

/** @param {string} id */
function show(id) {
  me.choose(id);
  go("code");
}
