// The vehicles on which the person is listed, and those that the person leads.

import { vehicles } from "../core/aboard.js";
import { get } from "../core/api.js";
import { Unreached } from "../core/http.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { cells, empty, entry, linkCell, list } from "../parts/lists.js";

/** @typedef {import("../types.js").Led} Led */
/** @typedef {import("../types.js").Trip} Trip */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const person = me.current()?.id ?? "";
  const led = await vehicles(person);
  const trips = await tripsOf(person, led.length > 0);
  return {
    title: "我的车次",
    body: [
      led.length > 0 && cells("我带的车", ...led.map(leading)),
      trips?.length
        ? list(...trips.map(row))
        : trips &&
          empty("名单上还没有您的车次", "如果您已报名，请问一问村里或县劳务部门；不在名单上也可以申报和亮码。"),
    ],
  };
}

/**
 * @param {string} person
 * @param {boolean} otherwise whether there is something else to show without a network
 * @returns {Promise<Trip[] | null>}
 */
async function tripsOf(person, otherwise) {
  try {
    return await get(`/people/${person}/trips`);
  } catch (fault) {
    if (otherwise && fault instanceof Unreached) return null;
    throw fault;
  }
}

/** @param {Led} vehicle */
function leading({ id, vehicle, mode_name, state_name, departs_at }) {
  const left = departs_at ? `${shown(departs_at)} 出发` : "";
  return linkCell(
    `#/vehicle?id=${id}`,
    vehicle || mode_name,
    state_name,
    ["乘车名单、上车登记", left].filter(Boolean).join("，"),
  );
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
