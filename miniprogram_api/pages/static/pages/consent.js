// Before the first field: who handles what, why, on what basis. Each purpose is agreed to on its own.

import { get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { go } from "../core/router.js";
import { form, sender } from "../parts/form.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Terms} Terms */
/** @typedef {import("../types.js").Me} Me */

/** @returns {Promise<View>} */
export async function page() {
  /** @type {Terms} */
  const terms = await get("/terms");
  const boxes = terms.purposes.map((item) => ({
    item,
    box: h("input", { type: "checkbox", id: `agree-${item.purpose}` }),
  }));
  let warned = false;
  const sending = sender("同意已勾选的，继续", async () => {
    const missing = boxes.find(({ item, box }) => item.required && !box.checked);
    if (missing && (missing.item.purpose === "basic" || !warned)) {
      warned = missing.item.purpose !== "basic";
      missing.box.focus();
      throw new Error(
        warned
          ? `${missing.item.otherwise}确定这样，请再点一次“继续”。`
          : `${missing.item.otherwise}要继续，请勾选这一项。`,
      );
    }
    /** @param {boolean} wanted */
    const chosen = (wanted) => boxes.filter(({ box }) => box.checked === wanted).map(({ item }) => item.purpose);
    /** @type {Me} */
    const now = await post("/consents", { version: terms.version, agreed: chosen(true), refused: chosen(false) });
    me.keep(now);
    go("code", { replace: true });
  });
  return {
    title: "使用前请看一看",
    first: true,
    body: [
      h(
        "p",
        { class: "lead" },
        "下面写着谁会用到您的哪些信息、为什么用。一项一项由您决定，以后随时可以在“我的授权”里改。",
      ),
      form(sending, ...boxes.map(({ item, box }) => purpose(item, box))),
      h("a", { class: "weui-btn weui-btn_default", href: "#/refused" }, "都不同意"),
    ],
  };
}

/**
 * @param {Terms["purposes"][number]} item
 * @param {HTMLInputElement} box
 */
function purpose(item, box) {
  return h(
    "section",
    { class: "panel", "aria-labelledby": `title-${item.purpose}` },
    h(
      "h2",
      { class: "panel__title", id: `title-${item.purpose}` },
      item.title,
      h("span", { class: "tag" }, item.purpose === "basic" ? "登记必需" : "可以不同意"),
    ),
    facts(item),
    h("p", { class: "panel__without" }, item.otherwise),
    h("label", { class: "toggle toggle_agree", for: box.id }, box, `我同意${item.title}`),
  );
}

/** @param {Terms["purposes"][number]} item */
export function facts(item) {
  /** @type {[string, string][]} */
  const rows = [
    ["谁来用", item.who],
    ["用什么", item.what],
    ["为什么", item.why],
    ["依据", item.basis],
    ["留多久", item.kept],
  ];
  return h("dl", { class: "facts" }, ...rows.flatMap(([term, text]) => [h("dt", {}, term), h("dd", {}, text)]));
}
