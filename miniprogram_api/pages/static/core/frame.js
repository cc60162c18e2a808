// What stands around every page: its name, the way back, and the four places.

import { h, svg } from "./dom.js";
import { isElder } from "./elder.js";
import * as me from "./me.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Tab} Tab */

/** @type {[Tab, string, string][]} */
const TABS = [
  ["code", "亮码", "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM14 14h2v2h-2zM18 14h2v2h-2zM16 17h2v3h-2z"],
  ["scan", "扫码", "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16"],
  ["inbox", "消息", "M4 5h16v12H9l-5 4z"],
  ["mine", "我的", "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 20c1-5 4-6 8-6s7 1 8 6z"],
];

/**
 * A page in its frame.
 *
 * @param {View} view
 * @param {() => void} back
 */
export function frame(view, back) {
  const heading = h("h1", { tabindex: -1, class: view.bare ? "unseen" : "bar__title" }, view.title);
  const main = h("main", { class: view.tab ? "page page_tabbed" : "page" }, ...view.body);
  if (view.bare) main.prepend(heading);
  return h(
    "div",
    { class: "screen" },
    view.bare ? null : bar(view, heading, back),
    main,
    view.tab ? tabs(view.tab) : null,
  );
}

/**
 * @param {View} view
 * @param {HTMLElement} heading
 * @param {() => void} back
 */
function bar(view, heading, back) {
  const way = h("button", { class: "bar__back", type: "button", onclick: back }, arrow(), "返回");
  return h("header", { class: "bar" }, view.tab || view.first ? null : way, heading);
}

function arrow() {
  return svg(
    "svg",
    { viewBox: "0 0 12 24", width: 12, height: 24, "aria-hidden": "true" },
    svg("path", { d: "M10 3 2 12l8 9", class: "line" }),
  );
}

/** @param {Tab} here */
function tabs(here) {
  const wanted = isElder() ? TABS.filter(([tab]) => tab !== "inbox") : TABS;
  return h(
    "nav",
    { class: "weui-tabbar tabs", "aria-label": "主要页面" },
    ...wanted.map(([tab, label, drawing]) =>
      h(
        "a",
        {
          class: tab === here ? "weui-tabbar__item weui-bar__item_on" : "weui-tabbar__item",
          href: `#/${tab}`,
          "aria-current": tab === here ? "page" : null,
        },
        h(
          "span",
          { class: "tabs__icon" },
          svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: drawing, class: "line" })),
          tab === "inbox" ? badge() : null,
        ),
        h("span", { class: "weui-tabbar__label" }, label),
      ),
    ),
  );
}

/** How many messages are unread; it follows what the server says while the page stands. */
function badge() {
  const unread = me.known()?.unread ?? 0;
  const shown = unread > 99 ? "99+" : String(unread);
  return h(
    "span",
    { class: "weui-badge tabs__badge", id: "unread", hidden: unread === 0 },
    shown,
    h("span", { class: "unseen" }, "条未读"),
  );
}

/** Draw the count anew after the server told another. */
export function refreshBadge() {
  document.getElementById("unread")?.replaceWith(badge());
}
