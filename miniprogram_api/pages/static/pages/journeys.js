// Journeys that the person declares: the form, the list, taking one back.

import { del, get, keys, post } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { go } from "../core/router.js";
import { action, choice, form, sender, textField, Wrong } from "../parts/form.js";
import { empty, entry, list } from "../parts/lists.js";
import { regionSelect } from "../parts/region_select.js";

/** @typedef {import("../types.js").Journey} Journey */

const BY = /** @type {[Journey["vehicle"], string][]} */ ([
  ["train", "火车"],
  ["coach", "客车"],
  ["flight", "飞机"],
  ["car", "自驾车"],
]);
const NUMBERED = new Set(["train", "flight"]);

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const base = `/people/${me.current()?.id}/journeys`;
  /** @type {Journey[]} */
  const journeys = await get(base);
  return {
    title: "申报行程",
    body: [
      h(
        "p",
        { class: "hint" },
        "坐过或要坐的车，报了以后查密切接触时找得到您。只算您自己说的，不会因为它变色。名单上的专车不用报。",
      ),
      declaring(base),
      h("h2", { class: "line__day" }, "我申报的"),
      journeys.length ? list(...journeys.map((journey) => row(base, journey))) : empty("还没有申报过行程"),
    ],
  };
}

/**
 * @param {string} base
 * @param {Journey} journey
 */
function row(base, journey) {
  const line = entry(
    [journey.vehicle_name, journey.number].filter(Boolean).join(" "),
    `${journey.from_name} → ${journey.to_name}`,
    `${shown(journey.departs_at)} 出发`,
    `${shown(journey.arrives_at)} 到达`,
    journey.seat && `座位 ${journey.seat}`,
  );
  line.append(
    action("撤回这趟", "weui-btn_default", async () => {
      await del(`${base}/${journey.id}`);
      go("journeys");
    }),
  );
  return line;
}

/** @param {string} base */
function declaring(base) {
  const number = textField("number", "车次、航班号或车牌", { type: "text", autocomplete: "off", maxlength: 20 });
  const vehicle = choice("vehicle", "怎么走", BY, {
    chosen: "train",
    changed: (by) => {
      number.input.placeholder = NUMBERED.has(by) ? "" : "不知道可以不填";
    },
  });
  const seat = textField("seat", "座位（可不填）", { type: "text", autocomplete: "off", maxlength: 20 });
  const from = regionSelect("从哪里出发", "from_region");
  const to = regionSelect("到哪里", "to_region");
  const departs = textField("departs_at", "出发时间", { type: "datetime-local" });
  const arrives = textField("arrives_at", "到达时间（还没到的填计划）", { type: "datetime-local" });
  const keyFor = keys();
  const fields = {
    vehicle,
    number,
    seat,
    from_region: from,
    to_region: to,
    departs_at: departs,
    arrives_at: arrives,
  };
  const sending = sender(
    "申报",
    async () => {
      const body = {
        vehicle: vehicle.value(),
        number: number.input.value.trim(),
        seat: seat.input.value.trim(),
        from_region: from.value(),
        to_region: to.value(),
        departs_at: inChina(departs.input.value),
        arrives_at: inChina(arrives.input.value),
      };
      const missing = Object.entries({ ...body, number: "-", seat: "-" }).filter(([, value]) => !value);
      if (missing.length) throw new Wrong(Object.fromEntries(missing.map(([name]) => [name, "请填写。"])));
      await post(base, body, keyFor(body));
      go("journeys");
    },
    fields,
  );
  return form(sending, vehicle.row, number.row, seat.row, from.row, to.row, departs.row, arrives.row);
}

/** @param {string} typed a date and time without a zone, which people here mean by China's clocks */
function inChina(typed) {
  return typed && `${typed.slice(0, 16)}:00+08:00`;
}
