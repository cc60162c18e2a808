// One message, and the page that it is about.

import { get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { canSpeak, isElder, speak } from "../core/elder.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { known } from "../core/router.js";
import { empty } from "../parts/lists.js";

/** @typedef {import("../types.js").Message} Message */

/**
 * @param {URLSearchParams} params `id` of the message
 * @returns {Promise<import("../types.js").View>}
 */
export async function page(params) {
  /** @type {{messages: Message[]}} */
  const { messages } = await get("/inbox");
  const message = messages.find(({ id }) => id === params.get("id"));
  if (!message) return { title: "消息", body: [empty("这条消息不在了", "请返回看其他消息。")] };
  if (!message.read_at) markRead(message);
  if (message.person_id && me.known()?.people.some(({ id }) => id === message.person_id)) me.choose(message.person_id);
  const target = known(message.page);
  return {
    title: "消息",
    body: [
      h("h2", { class: "panel__title" }, message.title),
      h("p", { class: "cell__time" }, shown(message.created_at)),
      h("p", { class: "lead message" }, message.body),
      target ? h("a", { class: "weui-btn weui-btn_primary", href: `#/${target}` }, "去处理") : null,
      isElder() &&
        canSpeak() &&
        h(
          "button",
          {
            class: "weui-btn weui-btn_default",
            type: "button",
            onclick: () => speak(`${message.title}。${message.body}`),
          },
          "念给我听",
        ),
      h("a", { class: "weui-btn weui-btn_default", href: "#/inbox" }, "看全部消息"),
    ],
  };
}

/** @param {Message} message */
async function markRead({ id }) {
  try {
    await post(`/inbox/${id}/read`);
    const now = me.known();
    if (now) me.keep({ ...now, unread: Math.max(0, now.unread - 1) });
  } catch {
    // It stays unread and is marked at the next reading.
  }
}
