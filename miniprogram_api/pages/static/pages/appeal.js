// Appealing against one reason of the colour.

import { get, keys, post } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { spoken } from "../core/moment.js";
import { go } from "../core/router.js";
import { fault, filesInput, upload } from "../parts/attaching.js";
import { form, sender, Wrong } from "../parts/form.js";
import { empty } from "../parts/lists.js";

/** @typedef {import("../types.js").Appeal} Appeal */
/** @typedef {import("../types.js").Appeals} Appeals */

const SHORTEST = 5;
const MOST = 3;
const USUAL = "由您所在地的主管部门 48 小时内答复，周末也算；过时自动转给上一级。";
/** @param {string} place */
const AT_THE_DOOR = (place) =>
  `您正在${place}等候：提交后马上短信通知值班员，15 分钟内答复，过时自动转给上一级。如果是体温填错了，请现场工作人员隔 10 分钟量两次，都不发热就自动恢复。`;

/**
 * @param {URLSearchParams} params `rule` of the reason
 * @returns {Promise<import("../types.js").View>}
 */
export async function page(params) {
  const person = me.current();
  /** @type {Appeals} */
  const { reasons, stopped_at } = await get(`/people/${person?.id}/appeals`);
  const reason = reasons.find(({ rule, waiting }) => rule === params.get("rule") && !waiting);
  if (!person || !reason) {
    return {
      title: "申诉",
      body: [
        empty("这一条现在不用申诉", "它已经不成立，或者您已经申诉过，正在办理。"),
        h("a", { class: "weui-btn weui-btn_default", href: "#/appeals" }, "看我的申诉"),
      ],
    };
  }
  const words = textArea();
  const files = chosenFiles();
  const keyFor = keys();
  const sending = sender(
    "提交申诉",
    async () => {
      const body = { rule: reason.rule, words: words.value() };
      check(body.words, files.input.files);
      /** @type {Appeal} */
      const made = await post(`/people/${person.id}/appeals`, body, keyFor(body));
      const until = made.due_at ? `最迟 ${spoken(made.due_at)} 前答复。` : "";
      go("appeals", { replace: true, notice: `申诉已交给${made.office}，${until}${await send(person.id, made.id)}` });
    },
    { words, files },
  );

  /**
   * The appeal stands already: a file that didn't get through may follow.
   *
   * @param {string} of
   * @param {string} appeal
   */
  async function send(of, appeal) {
    try {
      if (files.input.files?.length) await upload(of, appeal, files.input.files);
      return "";
    } catch (problem) {
      return `但材料没有传完：${problem instanceof Error ? problem.message : ""}请在下面补充。`;
    }
  }

  return {
    title: "申诉",
    body: [
      h("p", { class: "lead" }, `为 ${person.name_mask}（尾号 ${me.lastFour(person)}）申诉这一条：`),
      h("p", {}, reason.fact),
      form(sending, words.row, files.row, h("p", { class: "foot" }, stopped_at ? AT_THE_DOOR(stopped_at) : USUAL)),
    ],
  };
}

/**
 * @param {string} words
 * @param {FileList | null} files
 */
function check(words, files) {
  /** @type {Record<string, string>} */
  const wrong = {};
  if (words.length < SHORTEST) wrong.words = "请写明哪里不对，至少 5 个字。";
  const large = files ? fault(files, MOST) : "";
  if (large) wrong.files = large;
  if (Object.keys(wrong).length) throw new Wrong(wrong);
}

function textArea() {
  const area = h("textarea", {
    id: "words",
    class: "field__input",
    rows: 5,
    maxlength: 500,
    "aria-describedby": "words-said",
    placeholder: "例如：申报时点错了，我没有接触过病例。",
  });
  return { ...field("words", "哪里不对？", area, "5 到 500 个字。"), value: () => area.value.trim() };
}

function chosenFiles() {
  const input = filesInput("files");
  const row = field("files", "照片或 PDF（可以不交）", input, "最多 3 份，每份不超过 5 MB。例如检测报告、车票。");
  return { ...row, input };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} hint
 */
function field(name, label, control, hint) {
  const said = h("p", { id: `${name}-said`, class: "field__said" }, hint);
  return {
    row: h("div", { class: "field" }, h("label", { for: name, class: "field__label" }, label), control, said),
    /** @param {string} text */
    fail: (text) => {
      said.textContent = text || hint;
      said.classList.toggle("field__said_wrong", text !== "");
    },
    focus: () => control.focus(),
  };
}
