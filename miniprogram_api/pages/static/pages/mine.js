// 我的: everything that isn't needed in a queue.

import { countWaiting } from "../core/aboard.js";
import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { isElder, setElder } from "../core/elder.js";
import { install } from "../core/install.js";
import * as me from "../core/me.js";
import { go, show } from "../core/router.js";
import { end } from "../core/session.js";
import { inMiniProgram, openNative } from "../core/shell.js";
import { action } from "../parts/form.js";
import { cells, linkCell } from "../parts/lists.js";

/** @returns {import("../types.js").View} */
export function page() {
  const now = me.known();
  const person = me.current();
  const count = now?.people.length ?? 0;
  return {
    title: "我的",
    tab: "mine",
    body: [
      cells(
        person ? `${person.name_mask} 尾号 ${me.lastFour(person)}` : "",
        linkCell("#/declare", "健康申报"),
        linkCell("#/facts", "检测和健康证明"),
        linkCell("#/trips", "我的车次"),
        linkCell("#/itinerary", "我的行程"),
        linkCell("#/position", "报告位置"),
      ),
      cells(
        "登记和授权",
        linkCell("#/people", "登记的人", count ? `${count} 人` : ""),
        linkCell("#/consents", "我的授权"),
        linkCell("#/cards", "身份卡"),
        linkCell("#/readers", "谁看过我的信息"),
        linkCell("#/photos", "卡口拍的纸质证明"),
        linkCell("#/appeals", "健康码申诉"),
        linkCell("#/copy", "下载我的全部信息"),
        linkCell("/privacy", "信息保存多久"),
      ),
      cells(
        "使用",
        elderCell(),
        ...messageCell(),
        ...installCell(),
        linkCell("#/inbox", "消息", now?.unread ? `${now.unread} 条未读` : ""),
        linkCell("#/help", "帮助"),
      ),
      h(
        "p",
        { class: "foot" },
        now?.account.phone_mask ? `登录手机号 ${now.account.phone_mask}` : "用微信登录，没有留手机号",
      ),
      action("退出登录", "weui-btn_default", async () => {
        const waits = await countWaiting();
        if (waits) throw new Error(`还有 ${waits} 条车上的登记没有上传，退出会丢失。请先联网打开“我带的车”。`);
        await end();
        go("enter", { replace: true });
      }),
    ],
  };
}

function elderCell() {
  const input = h("input", { class: "weui-switch", type: "checkbox", id: "elder", checked: isElder() });
  input.addEventListener("change", () => {
    setElder(input.checked);
    show();
  });
  return h(
    "label",
    { class: "weui-cell weui-cell_switch", for: "elder" },
    h(
      "span",
      { class: "weui-cell__bd" },
      h("span", { class: "cell__title" }, "长辈版"),
      h("span", { class: "cell__text" }, "字大、按钮少、能念出来"),
    ),
    h("span", { class: "weui-cell__ft" }, input),
  );
}

/** Message consents are given on a native page alone. */
function messageCell() {
  if (!inMiniProgram()) return [];
  return [buttonCell("微信消息提醒", "健康码变化时微信通知您", askForMessages)];
}

async function askForMessages() {
  /** @type {{templates: {id: string}[]}} */
  const { templates } = await get("/subscriptions");
  openNative("messages", { templates: templates.map(({ id }) => id).join(",") });
}

function installCell() {
  const ask = install();
  return ask ? [buttonCell("放到手机桌面", "下次点图标就能亮码", ask)] : [];
}

/**
 * @param {string} title
 * @param {string} text
 * @param {() => void} press
 */
function buttonCell(title, text, press) {
  return h(
    "button",
    { class: "weui-cell weui-cell_access cell_button", type: "button", onclick: press },
    h(
      "span",
      { class: "weui-cell__bd" },
      h("span", { class: "cell__title" }, title),
      h("span", { class: "cell__text" }, text),
    ),
    h("span", { class: "weui-cell__ft" }),
  );
}
