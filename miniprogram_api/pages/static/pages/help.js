// Help: a person on the phone first, then the questions asked most.

import { h } from "../core/dom.js";
import { canSpeak, hush, speak } from "../core/elder.js";
import * as me from "../core/me.js";

/** @type {[string, string][]} */
const QUESTIONS = [
  ["码是灰色的怎么办？", "灰色是 24 小时内没有申报健康。量体温，点“健康申报”填好，马上就有颜色。"],
  ["码是黄色或红色怎么办？", "码的下面写着原因和下一步。觉得不对，打上面的电话，说明情况，工作人员会核对。"],
  [
    "没有网络能亮码吗？",
    "绿码能亮，最长 4 小时：出门前连着网络打开一次就行。过期后请连上网络，或出示身份证让查验员核对。",
  ],
  ["截图能用吗？", "不能。码几分钟就换，查验员看得出截图。"],
  ["老人没有手机怎么办？", "家人可以在“登记的人”里替老人登记和亮码，也可以带身份证到窗口办。"],
  ["手机丢了怎么办？", "换个手机用原来的手机号登录就行。怕别人用，打电话让工作人员处理。"],
];

/** @returns {import("../types.js").View} */
export function page() {
  const phone = me.servicePhone();
  const words = QUESTIONS.map(([question, answer]) => `${question}${answer}`).join("");
  const reading = canSpeak()
    ? [
        h(
          "button",
          {
            class: "weui-btn weui-btn_default",
            type: "button",
            onclick: () => speak(`求助电话 ${phone.split("").join(" ")}。${words}`),
          },
          "念给我听",
        ),
      ]
    : [];
  return {
    title: "帮助",
    body: [
      h("a", { class: "weui-btn weui-btn_primary", href: `tel:${phone}` }, `打电话求助 ${phone}`),
      ...reading,
      h(
        "dl",
        { class: "questions" },
        ...QUESTIONS.flatMap(([question, answer]) => [h("dt", {}, question), h("dd", {}, answer)]),
      ),
    ],
    leave: hush,
  };
}
