// All that is kept of the person: to read here, to keep as a page, to take elsewhere as data.

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { action } from "../parts/form.js";
import { entry, list } from "../parts/lists.js";

/** @typedef {import("../types.js").Copy} Copy */

/** @returns {import("../types.js").View} */
export function page() {
  const place = h("div", { class: "stack" });
  place.append(
    h("p", { class: "hint" }, "系统里和您有关的全部信息，包括完整的姓名和身份证号。请在没有旁人时打开。"),
    h("p", { class: "hint" }, "只有本人账号可以下载，每次都会记在“谁看过我的信息”里。"),
    action("下载我的全部信息", "weui-btn_primary", async () => {
      /** @type {Copy} */
      const copy = await post(`/people/${me.current()?.id}/copy`);
      place.replaceChildren(...told(copy));
    }),
  );
  return { title: "我的全部信息", body: [place] };
}

/** @param {Copy} copy */
function told(copy) {
  const sections = copy.sections.map(section);
  return [
    h("p", { class: "hint", role: "status" }, `${shown(copy.made_at)} 的全部信息，编号 ${copy.id}`),
    save("保存成网页", "我的信息.html", "text/html", pageOf(sections)),
    save("保存成数据文件", "我的信息.json", "application/json", JSON.stringify(copy, null, 2)),
    ...sections,
  ];
}

/** @param {Copy["sections"][number]} section */
function section({ title, columns, rows }) {
  const lines = rows.map(([first = "", ...rest]) =>
    entry(first || "—", ...rest.map((value, at) => value !== "" && `${columns[at + 1]}：${value}`)),
  );
  return h("details", {}, h("summary", {}, `${title}（${rows.length}）`), rows.length > 0 && list(...lines));
}

/**
 * @param {string} label
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
function save(label, name, type, text) {
  const href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  return h("a", { class: "weui-btn weui-btn_default", href, download: name }, label);
}

/** @param {HTMLElement[]} sections */
function pageOf(sections) {
  const writer = new XMLSerializer();
  const open = sections.map((each) => {
    const unfolded = /** @type {HTMLElement} */ (each.cloneNode(true));
    unfolded.setAttribute("open", "");
    return writer.serializeToString(unfolded);
  });
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>我的信息</title>${open.join("\n")}</html>`;
}
