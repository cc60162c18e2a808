// The vehicles on which the person is listed.

import { get } from "../core/api.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { empty, entry, list } from "../parts/lists.js";

/** @typedef {import("../types.js").Trip} Trip */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  /** @type {Trip[]} */
  const trips = await get(`/people/${me.current()?.id}/trips`);
  return {
    title: "我的车次",
    body: [
      trips.length
        ? list(...trips.map(row))
        : empty("名单上还没有您的车次", "如果您已报名，请问一问村里或县劳务部门；不在名单上也可以申报和亮码。"),
    ],
  };
}

/** @param {Trip} trip */
function row(trip) {
  return entry(
    `${trip.origin_name} → ${trip.destination_name}`,
    trip.title,
    [trip.mode_name, trip.vehicle, trip.seat && `座位 ${trip.seat}`].filter(Boolean).join(" · "),
    trip.departs_at && `出发 ${shown(trip.departs_at)}`,
    trip.arrived_at ? `已到达 ${shown(trip.arrived_at)}` : trip.arrives_at && `预计到达 ${shown(trip.arrives_at)}`,
    trip.state_name,
  );
}
