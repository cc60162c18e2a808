// Where the person was in the last fourteen days, and what proves it.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { empty, entry, list } from "../parts/lists.js";

/** @typedef {import("../types.js").Stay} Stay */

const SOURCES = { place: "自己扫的场所码", officer: "查验员扫的码", position: "自己报告的位置" };

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  /** @type {Stay[]} */
  const stays = await get(`/people/${me.current()?.id}/itinerary`);
  return {
    title: "我的行程",
    body: [
      h("p", { class: "hint" }, "最近 14 天。只有能证明您到过的才算行程。"),
      stays.length ? list(...stays.map(row)) : empty("还没有行程", "到站时扫场所码，行程会记在这里。"),
    ],
  };
}

/** @param {Stay} stay */
function row(stay) {
  return entry(
    stay.place_name ?? stay.region_name ?? "位置不能确定",
    stay.place_name && stay.region_name,
    `${shown(stay.at)} · ${SOURCES[stay.source]}`,
    stay.presence === "unproven" && `不算到过：${stay.doubt ?? "没有证明您在那里。"}`,
  );
}
