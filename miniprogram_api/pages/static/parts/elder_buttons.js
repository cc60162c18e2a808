// 长辈版: what is needed beside the code.

import { h } from "../core/dom.js";
import { canSpeak, speak } from "../core/elder.js";
import * as me from "../core/me.js";

/**
 * @param {() => string} words what is read aloud
 */
export function bigButtons(words) {
  return h(
    "div",
    { class: "pair" },
    canSpeak() &&
      h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: () => speak(words()) }, "念给我听"),
    h("a", { class: "weui-btn weui-btn_warn", href: `tel:${me.servicePhone()}` }, "打电话求助"),
    h("a", { class: "weui-btn weui-btn_default", href: "#/scan" }, "扫场所码"),
    h("a", { class: "weui-btn weui-btn_default", href: "#/declare" }, "申报健康"),
  );
}
