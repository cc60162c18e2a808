// What came of a scan: proven, or kept as unproven with the way to prove it.

import { h } from "../core/dom.js";

/**
 * @param {import("../types.js").Scanned} scanned
 * @param {() => void} again
 */
export function scanResult({ place, presence, doubt, message }, again) {
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
        h("h2", { class: "weui-msg__title", tabindex: -1 }, proven ? "登记好了" : "记下了，还不算到过"),
        h("p", { class: "weui-msg__desc result__place" }, place.name, h("br"), place.region_name),
        h("p", { class: "weui-msg__desc", role: "status" }, message),
        doubt && h("p", { class: "weui-msg__desc" }, doubt),
      ),
    ),
    proven
      ? h("a", { class: "weui-btn weui-btn_primary", href: "#/itinerary" }, "看我的行程")
      : h("a", { class: "weui-btn weui-btn_primary", href: "#/code" }, "亮码，请查验员扫"),
    h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: again }, "再扫一个"),
  ];
}
