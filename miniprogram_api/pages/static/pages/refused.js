// What somebody can do who doesn't agree. Nothing about them is kept.

import { h } from "../core/dom.js";
import * as me from "../core/me.js";

/** @returns {import("../types.js").View} */
export function page() {
  const phone = me.servicePhone();
  return {
    title: "不用手机也能办",
    body: [
      h("p", { class: "lead" }, "您没有同意，我们不会保存您的信息。出行可以这样办："),
      h(
        "ol",
        { class: "steps" },
        h("li", {}, "带身份证到村（社区）或县（区）劳务服务窗口，工作人员当面为您登记外出务工。"),
        h("li", {}, "量体温、开纸质健康证明，随身带好。"),
        h("li", {}, "进站、上车时出示身份证和纸质证明，由查验员核对。"),
      ),
      h("a", { class: "weui-btn weui-btn_primary", href: `tel:${phone}` }, `打电话问一问 ${phone}`),
      h("a", { class: "weui-btn weui-btn_default", href: "#/consent" }, "回去再看看"),
    ],
  };
}
