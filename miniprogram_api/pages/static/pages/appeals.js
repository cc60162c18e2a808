// What may be appealed, and each appeal with its clock and outcome.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown, spoken } from "../core/moment.js";
import { takeNotice } from "../core/router.js";
import { attaching } from "../parts/attaching.js";
import { empty } from "../parts/lists.js";

/** @typedef {import("../types.js").Appeal} Appeal */
/** @typedef {import("../types.js").Appeals} Appeals */
/** @typedef {import("../types.js").Found} Found */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const person = me.current();
  /** @type {Appeals} */
  const { reasons, stopped_at, appeals } = await get(`/people/${person?.id}/appeals`);
  const notice = takeNotice();
  const open = reasons.filter(({ waiting }) => !waiting);
  return {
    title: "健康码申诉",
    body: [
      notice && h("p", { class: "lead", role: "status" }, notice),
      h("p", { class: "lead" }, lead(person?.name_mask ?? "", stopped_at)),
      ...open.map(found),
      appeals.length > 0 && h("ul", { class: "entries" }, ...appeals.map((appeal) => row(person?.id ?? "", appeal))),
      !open.length && !appeals.length && empty("现在没有可以申诉的", "健康码是黄码或红码时，可以在这里申诉。"),
      h(
        "p",
        { class: "foot" },
        "着急？拨打 ",
        h("a", { href: `tel:${me.servicePhone()}` }, me.servicePhone()),
        "。申诉不影响您依法申请行政复议。",
      ),
    ],
  };
}

/**
 * @param {string} who
 * @param {string} stopped where the person is held up
 */
function lead(who, stopped) {
  if (stopped) return `${who}正在${stopped}等候：健康码如果不对，现在申诉，值班员 15 分钟内答复。`;
  return `${who}的健康码如果不对，可以申诉：48 小时内答复，周末也算。`;
}

/** @param {Found} reason */
function found({ rule, fact, authority }) {
  return h(
    "section",
    { class: "panel" },
    h("p", { class: "entry__title" }, fact),
    authority && h("p", { class: "entry__line" }, `由${authority}负责解释`),
    h("a", { class: "weui-btn weui-btn_primary", href: `#/appeal?rule=${rule}` }, "这一条不对，我要申诉"),
  );
}

/**
 * @param {string} person
 * @param {Appeal} appeal
 */
function row(person, appeal) {
  const { fact, words, state_name, filed_at, files, answer, answered_at, office } = appeal;
  return h(
    "li",
    { class: "entry" },
    h("p", { class: "entry__title" }, `${appeal.urgent ? "加急 · " : ""}${state_name}：${fact}`),
    h("p", { class: "entry__line" }, `${shown(filed_at)} 提出：${words}`),
    answered_at && h("p", { class: "entry__line" }, `${shown(answered_at)} ${office}答复：${answer}`),
    appeal.due_at && h("p", { class: "entry__line" }, clock(appeal)),
    files.length > 0 && h("p", { class: "entry__line" }, `已交 ${files.length} 份材料`),
    appeal.files_left > 0 && attaching(person, appeal),
  );
}

/** @param {Appeal} appeal */
function clock({ due_at, office, escalated, overdue }) {
  if (!due_at) return "";
  const when = overdue ? `本应在 ${spoken(due_at)} 前答复，已经超时，申诉仍然有效` : `最迟 ${spoken(due_at)} 前答复`;
  return `${escalated ? "已转给" : "由"}${office}办理，${when}。`;
}
