// The printed identity cards of the person, for whoever speaks for them: which one counts, and saying that it was lost.

import { get, post } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import * as me from "../core/me.js";
import { day, shown } from "../core/moment.js";
import { action } from "../parts/form.js";
import { empty } from "../parts/lists.js";

/** @typedef {import("../types.js").Card} Card */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const path = `/people/${me.current()?.id}/cards`;
  const place = h("div", { class: "stack" });
  /** @param {Card[]} cards */
  function draw(cards) {
    fill(place, ...(cards.length ? cards.map((card) => row(card, lose)) : [none()]));
  }
  /** @param {Card} card */
  async function lose(card) {
    draw(await post(`${path}/${card.id}/loss`));
  }
  draw(await get(path));
  return {
    title: "身份卡",
    body: [
      h("p", { class: "lead" }, "没有手机的人用的纸卡，只证明身份，不代表健康状况。过卡口时由查验员扫卡、核对身份证。"),
      place,
    ],
  };
}

function none() {
  return empty("没有打印过身份卡", "没有手机的家人需要时，请村里、社区或县劳务部门打印。");
}

/**
 * @param {Card} card
 * @param {(card: Card) => Promise<void>} lose
 */
function row(card, lose) {
  return h(
    "section",
    { class: "panel", "aria-label": `卡号 ${card.number}` },
    h("p", { class: "panel__title" }, `卡号 ${card.number}`),
    h("p", {}, `第 ${card.version} 版 · ${card.state_name}`),
    h("p", {}, `有效期至 ${day(card.ends_at)}`),
    h("p", {}, `${shown(card.issued_at)} 打印`),
    h("p", {}, card.office),
    card.counts && action("卡丢了，挂失", "weui-btn_warn", () => lose(card)),
  );
}
