// The account and the people it speaks for, as last heard; shown without a network too.

import { get } from "./api.js";
import * as store from "./store.js";

/** @typedef {import("../types.js").Me} Me */
/** @typedef {import("../types.js").Person} Person */

/** @returns {Me | null} as last heard */
export function known() {
  return /** @type {Me | null} */ (store.get("me"));
}

/** @returns {Promise<Me>} as it is now */
export async function load() {
  /** @type {Me} */
  const me = await get("/me");
  keep(me);
  return me;
}

/** @param {Me} me */
export function keep(me) {
  store.set("me", me);
  dispatchEvent(new CustomEvent("me"));
}

/** @returns {Person | null} the person whose pages are shown */
export function current() {
  const people = known()?.people.filter(({ may_show }) => may_show) ?? [];
  return people.find((person) => person.id === store.get("person")) ?? people[0] ?? null;
}

/** @param {string} id */
export function choose(id) {
  store.set("person", id);
}

/** @param {Person} person */
export function lastFour(person) {
  return person.resident_id_mask.slice(-4);
}

const RELATIONS = { self: "本人", family: "家人", leader: "同行人" };

/** @param {Person} person */
export function relationName(person) {
  return RELATIONS[person.relation];
}

/** The number behind 打电话求助. */
export function servicePhone() {
  const given = document.querySelector('meta[name="service-phone"]')?.getAttribute("content");
  return known()?.service_phone ?? given ?? "12333";
}
