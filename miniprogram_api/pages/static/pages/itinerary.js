// Where the person was in the last fourteen days: one line of time by days, what contradicts it, and a map on request.

import { get } from "../core/api.js";
import { announce, h } from "../core/dom.js";
import * as me from "../core/me.js";
import { dayInWords, shown } from "../core/moment.js";
import { action } from "../parts/form.js";
import { empty, linkCell } from "../parts/lists.js";
import { trackMap } from "../parts/track_map.js";

/** @typedef {import("../types.js").Timeline} Timeline */
/** @typedef {import("../types.js").Moment} Moment */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  /** @type {Timeline} */
  const line = await get(`/people/${me.current()?.id}/timeline`);
  return {
    title: "我的行程",
    body: [
      h("p", { class: "hint" }, "最近 14 天。有证明的才算到过；自己申报的只作参考，不影响健康码。"),
      line.contradictions > 0 &&
        h(
          "p",
          { class: "line__doubt" },
          `有 ${line.contradictions} 处对不上，下面标了出来。自己申报的可以改；不是您本人的记录，请打服务电话。`,
        ),
      line.marks.length + line.ways.length > 0 && mapOf(line),
      ...line.days.flatMap(({ day, items }) => [
        h("h2", { class: "line__day" }, dayInWords(Date.parse(`${day}T00:00:00+08:00`))),
        h("ol", { class: "line" }, ...items.map(row)),
      ]),
      line.days.length === 0 && empty("还没有行程", "到站时扫场所码，行程会记在这里。"),
      h("div", { class: "weui-cells" }, linkCell("#/journeys", "申报行程", "", "坐过或要坐的火车、客车、飞机、自驾车")),
    ],
  };
}

/** @param {Moment} item */
function row(item) {
  const until = item.until && item.until !== item.at ? `到 ${ending(item.at, item.until)}` : "";
  const look = item.proven ? "" : " line__item_unproven";
  return h(
    "li",
    { class: `line__item line__item_${item.kind}${look}` },
    h(
      "p",
      { class: "line__time" },
      `${shown(item.at).slice(11)} ${until}`,
      h("span", { class: "line__kind" }, item.kind_name),
    ),
    h("p", { class: "entry__title" }, item.title),
    ...item.lines.map((text) => h("p", { class: "entry__line" }, text)),
    ...item.doubts.map((text) =>
      h("p", { class: "line__doubt" }, item.kind === "seen" && !item.proven ? "不算到过：" : "对不上：", text),
    ),
  );
}

/**
 * The hour, with the date where it is another day's.
 *
 * @param {string} at
 * @param {string} until
 */
function ending(at, until) {
  return shown(until).slice(shown(at).slice(0, 10) === shown(until).slice(0, 10) ? 11 : 5);
}

/** @param {Timeline} line */
function mapOf(line) {
  const place = h("div", { class: "track", hidden: true });
  const open = action("看地图", "weui-btn_default", async () => {
    place.hidden = false;
    try {
      await trackMap(place, line);
    } catch {
      place.hidden = true;
      throw new Error("地图没有读到，请稍后再试；行程见下面。");
    }
    open.remove();
    announce("地图已打开，内容和下面的行程相同。");
  });
  return h("div", {}, place, open);
}
