// What was agreed to, and taking it back.

import { get, post } from "../core/api.js";
import { forget } from "../core/code.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import * as packs from "../core/pack.js";
import { show } from "../core/router.js";
import { action } from "../parts/form.js";
import { facts } from "./consent.js";

/** @typedef {import("../types.js").Terms} Terms */
/** @typedef {import("../types.js").Me} Me */
/** @typedef {Terms["purposes"][number]} Item */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  /** @type {[Terms, Me]} */
  const [terms, now] = await Promise.all([get("/terms"), me.load()]);
  return {
    title: "我的授权",
    body: [
      h("p", { class: "hint" }, "随时可以改。撤回以后，从那时起不再使用；之前依法用过的不受影响。"),
      ...terms.purposes.map((item) => panel(item, terms.version, now.consents[item.purpose])),
    ],
  };
}

/**
 * @param {Item} item
 * @param {string} version
 * @param {boolean} agreed
 */
function panel(item, version, agreed) {
  const place = h("div", { class: "stack" });
  /** @param {boolean} wanted */
  async function change(wanted) {
    const [yes, no] = wanted ? [[item.purpose], []] : [[], [item.purpose]];
    /** @type {Me} */
    const now = await post("/consents", { version, agreed: yes, refused: no });
    await packs.forgetAll();
    me.keep(now);
    for (const person of now.people) forget(person.id);
    show();
  }
  function ask() {
    place.replaceChildren(
      h("p", { class: "panel__without", role: "status" }, item.otherwise),
      action("确定撤回", "weui-btn_warn", () => change(false)),
      h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: offer }, "不撤回"),
    );
    place.querySelector("button")?.focus();
  }
  function offer() {
    place.replaceChildren(
      agreed
        ? h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: ask }, "撤回同意")
        : action(`同意${item.title}`, "weui-btn_primary", () => change(true)),
    );
  }
  offer();
  return h(
    "section",
    { class: "panel", "aria-labelledby": `title-${item.purpose}` },
    h(
      "h2",
      { class: "panel__title", id: `title-${item.purpose}` },
      item.title,
      h("span", { class: agreed ? "tag tag_on" : "tag" }, agreed ? "已同意" : "没有同意"),
    ),
    h("details", {}, h("summary", {}, "谁来用、用什么、为什么"), facts(item)),
    place,
  );
}
