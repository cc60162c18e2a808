// Messages, newest first.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { empty } from "../parts/lists.js";

/** @typedef {import("../types.js").Message} Message */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  /** @type {{messages: Message[]}} */
  const { messages } = await get("/inbox");
  const known = me.known();
  if (known) me.keep({ ...known, unread: messages.filter((message) => !message.read_at).length });
  const body = messages.length
    ? h("div", { class: "weui-cells" }, ...messages.map(row))
    : empty("还没有消息", "健康码有变化、该申报、车次有安排，都会在这里告诉您。");
  return { title: "消息", tab: "inbox", body: [body] };
}

/** @param {Message} message */
function row({ id, title, body, created_at, read_at }) {
  return h(
    "a",
    { class: "weui-cell weui-cell_access", href: `#/message?id=${id}` },
    h(
      "span",
      { class: "weui-cell__bd" },
      h(
        "span",
        { class: read_at ? "cell__title" : "cell__title cell__title_unread" },
        !read_at && h("span", { class: "weui-badge weui-badge_dot" }, h("span", { class: "unseen" }, "未读")),
        title,
      ),
      h("span", { class: "cell__text cell__text_one" }, body),
      h("span", { class: "cell__time" }, shown(created_at)),
    ),
    h("span", { class: "weui-cell__ft" }),
  );
}
