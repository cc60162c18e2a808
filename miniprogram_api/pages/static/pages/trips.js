// The vehicles on which the person is listed, and those that the person leads.

import { vehicles } from "../core/aboard.js";
import { get, keys, post } from "../core/api.js";
import { h } from "../core/dom.js";
import { Unreached } from "../core/http.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { go } from "../core/router.js";
import { form, sender } from "../parts/form.js";
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
        ? list(...trips.map((trip) => row(person, trip)))
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

/**
 * @param {string} person
 * @param {Trip} trip
 */
function row(person, trip) {
  const line = entry(
    `${trip.origin_name} → ${trip.destination_name}`,
    trip.title,
    [trip.mode_name, trip.vehicle, trip.seat && `座位 ${trip.seat}`].filter(Boolean).join(" · "),
    trip.departs_at && `出发 ${shown(trip.departs_at)}`,
    trip.arrived_at ? `已到达 ${shown(trip.arrived_at)}` : trip.arrives_at && `预计到达 ${shown(trip.arrives_at)}`,
    !trip.arrived_at && trip.state_name,
  );
  if (trip.missed) line.append(...missed(person, trip));
  return line;
}

/**
 * The vehicle left; whoever isn't aboard takes a seat on the next.
 *
 * @param {string} person
 * @param {Trip} trip
 */
function missed(person, { id, offers }) {
  const said = h("p", { class: "entry__line", role: "status" }, "这辆车已经发车，系统里没有您上车的记录。");
  if (!offers.length) {
    said.textContent += "没赶上的话，请联系村里或县劳务部门改乘；现在没有别的车次有空座。";
    return [said];
  }
  return [said, ...offers.map((offer) => change(person, id, offer))];
}

/**
 * @param {string} person
 * @param {string} entryId
 * @param {import("../types.js").Offer} offer
 */
function change(person, entryId, offer) {
  const left = offer.free === null ? "" : `，还有 ${offer.free} 座`;
  const keyFor = keys();
  const sending = sender(
    `没赶上，改乘 ${offer.vehicle}（${shown(offer.departs_at ?? "")} 出发${left}）`,
    async () => {
      const body = { trip_id: offer.id };
      await post(`/people/${person}/trips/${entryId}/next`, body, keyFor(body));
      go("trips", { replace: true });
    },
    {},
  );
  return form(sending);
}
