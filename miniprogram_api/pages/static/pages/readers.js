// Who looked at the person's data, when and what for.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { empty, entry, list } from "../parts/lists.js";

/** @typedef {import("../types.js").Reader} Reader */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  /** @type {Reader[]} */
  const readers = await get(`/people/${me.current()?.id}/readers`);
  const phone = me.servicePhone();
  return {
    title: "谁看过我的信息",
    body: [
      readers.length ? list(...readers.map(row)) : empty("还没有人看过", "谁看了您的信息、为什么看，都会记在这里。"),
      h("p", { class: "foot" }, "觉得不对？拨打 ", h("a", { href: `tel:${phone}` }, phone)),
    ],
  };
}

/** @param {Reader} reader */
function row({ at, office, purpose, fields }) {
  return entry(office, shown(at), `为了：${purpose}`, fields.length > 0 && `看了：${fields.join("、")}`);
}
