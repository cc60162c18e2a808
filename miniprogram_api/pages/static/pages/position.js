// Telling where one is, on the way or after arrival.

import { keys, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { hasScanned, takePosition } from "../core/handed.js";
import * as me from "../core/me.js";
import { readPosition } from "../core/position.js";
import { go } from "../core/router.js";
import { inMiniProgram, openNative } from "../core/shell.js";
import { action } from "../parts/form.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Position} Position */
/** @typedef {import("../types.js").Positioned} Positioned */

/** @returns {View} */
export function page() {
  const place = h("div", { class: "stack" });
  const keyFor = keys();
  /** @param {Position} position */
  async function send(position) {
    const person = me.current();
    if (!person) return;
    /** @type {Positioned} */
    const found = await post(`/people/${person.id}/positions`, position, keyFor(position));
    place.replaceChildren(...told(found));
    place.querySelector("h2")?.focus();
  }
  ask(place, send);
  const handed = hasScanned() ? null : takePosition();
  if (hasScanned()) go("scan", { replace: true });
  else if (handed) place.append(action("上报这个位置", "weui-btn_primary", () => send(handed)));
  return { title: "报告位置", body: [place] };
}

/**
 * @param {HTMLElement} place
 * @param {(position: Position) => Promise<void>} send
 */
function ask(place, send) {
  place.append(
    h("p", { class: "lead" }, "把现在的位置告诉送您出来和接您的两地劳务部门，路上有事找得到您。"),
    h("p", {}, "只在您点下面的按钮时读一次，不会一直跟着您。"),
    h("p", {}, "不想提供？到站时扫场所码，或让查验员扫您的健康码，一样有效。"),
    action("报告现在的位置", "weui-btn_primary", async () => send(await readPosition())),
    inMiniProgram()
      ? h(
          "button",
          { class: "weui-btn weui-btn_default", type: "button", onclick: () => openNative("position") },
          "用微信提供位置",
        )
      : "",
    h("a", { class: "weui-btn weui-btn_default", href: "#/scan" }, "去扫场所码"),
  );
}

/** @param {Positioned} found */
function told({ presence, doubt }) {
  const proven = presence === "proven";
  return [
    h(
      "div",
      { class: "weui-msg result" },
      h(
        "div",
        { class: "weui-msg__icon-area" },
        h("i", { class: `${proven ? "weui-icon-success" : "weui-icon-info"} weui-icon_msg`, "aria-hidden": "true" }),
      ),
      h(
        "div",
        { class: "weui-msg__text-area" },
        h("h2", { class: "weui-msg__title", tabindex: -1 }, proven ? "位置报告好了" : "位置记下了"),
        h("p", { class: "weui-msg__desc", role: "status" }, doubt ?? "两地劳务部门知道您在路上了。"),
      ),
    ),
    h("a", { class: "weui-btn weui-btn_primary", href: "#/itinerary" }, "看我的行程"),
    h("a", { class: "weui-btn weui-btn_default", href: "#/code" }, "回到健康码"),
  ];
}
