// The list of a vehicle that the person leads, and what is written down aboard: encrypted on the phone, sent when there
// is a network, each thing once. When the vehicle has ended the phone forgets its list.

import { get, post, random } from "./api.js";
import { Refused } from "./http.js";
import * as locker from "./locker.js";
import { clock, shown } from "./moment.js";

/** @typedef {import("../types.js").Led} Led */
/** @typedef {import("../types.js").Mark} Mark */
/** @typedef {import("../types.js").Passenger} Passenger */
/** @typedef {import("../types.js").Told} Told */
/** @typedef {import("../types.js").VehicleList} VehicleList */

const MOST = 200;
const FEVER = 37.3;
const NOT_THEIRS = new Set([403, 404]);
const UNREADABLE = 422;
const DECLARED = "已代为申报，联网后才能确定颜色，变绿后再上车。";
const EXPIRED = "绿码已在 %s 到期。请联网刷新名单，或请本人重新申报后再上车。";

/** @param {string} trip */
const listOf = (trip) => `list.${trip}`;
/** @param {string} trip */
const marksOf = (trip) => `mark.${trip}.`;
/** @param {string} trip */
const toldOf = (trip) => `told.${trip}`;

/**
 * The vehicles that a person leads; without a network those whose lists lie on the phone.
 *
 * @param {string} person
 * @returns {Promise<Led[]>}
 */
export async function vehicles(person) {
  try {
    /** @type {Led[]} */
    const led = await get(`/people/${person}/vehicles`);
    const running = new Set(led.map(({ id }) => id));
    const kept = (await locker.names("list.")).map((name) => name.slice("list.".length));
    await Promise.all(kept.filter((id) => !running.has(id)).map((id) => refresh(person, id).catch(() => null)));
    return led;
  } catch (fault) {
    const names = await locker.names("list.");
    const kept = await Promise.all(names.map((name) => locker.take(name)));
    const lists = /** @type {VehicleList[]} */ (kept.filter(Boolean));
    if (lists.length === 0) throw fault;
    return lists;
  }
}

/**
 * Send what waits, fetch the list anew and keep it.
 *
 * @param {string} person
 * @param {string} trip
 * @returns {Promise<VehicleList>}
 */
export async function refresh(person, trip) {
  try {
    await upload(person, trip);
    /** @type {VehicleList} */
    const list = await get(`/people/${person}/vehicles/${trip}`);
    if (!list.closed) await locker.put(listOf(trip), list);
    else if ((await waiting(trip)).length === 0) await locker.drop(listOf(trip));
    return list;
  } catch (fault) {
    if (fault instanceof Refused && NOT_THEIRS.has(fault.status)) await forget(trip);
    throw fault;
  }
}

/**
 * Somebody else leads it now: neither the list is theirs any more, nor will the server take what waits.
 *
 * @param {string} trip
 */
async function forget(trip) {
  const names = await locker.names(marksOf(trip));
  await Promise.all([listOf(trip), toldOf(trip), ...names].map(locker.drop));
}

/**
 * @param {string} trip
 * @returns {Promise<VehicleList | null>} as last fetched
 */
export async function kept(trip) {
  return /** @type {VehicleList | null} */ (await locker.take(listOf(trip)));
}

/**
 * Write something down; it is sent as soon as there is a network.
 *
 * @param {string} trip
 * @param {Omit<Mark, "key" | "at">} said
 * @returns {Promise<void>}
 */
export async function note(trip, said) {
  /** @type {Mark} */
  const mark = { ...said, key: random(), at: new Date().toISOString() };
  if (!(await locker.put(marksOf(trip) + mark.key, mark)))
    throw new Error("这个浏览器不能在手机上保存登记（可能是无痕模式）。请换用微信或系统浏览器。");
}

/**
 * @param {string} trip
 * @returns {Promise<Mark[]>} what the server doesn't have yet, the oldest first
 */
export async function waiting(trip) {
  const names = await locker.names(marksOf(trip));
  const marks = await Promise.all(names.map((name) => locker.take(name)));
  return /** @type {Mark[]} */ (marks.filter(Boolean)).sort((a, b) => a.at.localeCompare(b.at));
}

/** How many things of all vehicles wait. */
export async function countWaiting() {
  return (await locker.names("mark.")).length;
}

/**
 * Send what waits. What the server refuses, or remarks on, is kept for somebody to read.
 *
 * @param {string} person
 * @param {string} trip
 */
export async function upload(person, trip) {
  await alone(async () => {
    const marks = (await waiting(trip)).slice(0, MOST);
    if (marks.length === 0) return;
    for (const part of (await send(person, trip, marks)) ? [] : marks.map((mark) => [mark])) {
      await send(person, trip, part);
    }
  });
}

/**
 * @param {string} person
 * @param {string} trip
 * @param {Mark[]} marks
 * @returns {Promise<boolean>} false when one of several is unreadable to the server, which then takes none of them
 */
async function send(person, trip, marks) {
  const body = { phone_now: new Date().toISOString(), marks };
  /** @type {Answer[]} */
  let taken;
  try {
    taken = await post(`/people/${person}/vehicles/${trip}/marks`, body);
  } catch (fault) {
    if (!(fault instanceof Refused && fault.status === UNREADABLE)) throw fault;
    if (marks.length > 1) return false;
    taken = marks.map(({ key }) => ({ key, accepted: false, message: fault.message }));
  }
  await settle(trip, marks, taken);
  return true;
}

/**
 * @typedef {{key: string, accepted: boolean, message: string}} Answer
 * @param {string} trip
 * @param {Mark[]} marks
 * @param {Answer[]} taken
 */
async function settle(trip, marks, taken) {
  const list = await kept(trip);
  const news = taken
    .filter(({ message }) => message)
    .map(({ key, accepted, message }) => {
      const mark = marks.find((one) => one.key === key);
      return { text: `${mark ? about(mark, list) : ""}${message}`, refused: !accepted };
    });
  if (news.length) await locker.put(toldOf(trip), [...(await told(trip)), ...news]);
  for (const { key } of taken) await locker.drop(marksOf(trip) + key);
}

/** @param {() => Promise<void>} work Two tabs don't send at once. */
function alone(work) {
  return "locks" in navigator ? navigator.locks.request("linghuo.aboard", work) : work();
}

/**
 * @param {Mark} mark
 * @param {VehicleList | null} list
 */
function about({ entry_id, name, at }, list) {
  const who = list?.people.find(({ id }) => id === entry_id);
  const named = who ? `${who.number} 号 ${who.name}` : name;
  return `${clock(Date.parse(at)).slice(0, 5)} ${named ? `${named}：` : ""}`;
}

/**
 * @param {string} trip
 * @returns {Promise<Told[]>} what the server said of things that were sent
 */
export async function told(trip) {
  return /** @type {Told[] | null} */ (await locker.take(toldOf(trip))) ?? [];
}

/** @param {string} trip */
export function hush(trip) {
  return locker.drop(toldOf(trip));
}

/**
 * The list as it is once the server has what waits, by the phone's clock for colours that have ended meanwhile.
 *
 * @param {VehicleList} list
 * @param {Mark[]} marks
 * @returns {Passenger[]}
 */
export function asMarked(list, marks) {
  const people = new Map(list.people.map((one) => [one.id, withColour(one)]));
  for (const mark of marks) {
    const one = people.get(mark.entry_id ?? "");
    if (!one) continue;
    people.set(one.id, withMark(one, mark));
    const other = people.get(mark.other_id ?? "");
    if (mark.kind !== "swapped" || !other) continue;
    people.set(one.id, { ...one, seat: other.seat });
    people.set(other.id, { ...other, seat: one.seat });
  }
  return [...people.values()];
}

/**
 * @param {Passenger} one
 * @param {Mark} mark
 * @returns {Passenger}
 */
function withMark(one, mark) {
  const standing = { boarded: "aboard", struck: "struck", to_health: "left" }[String(mark.kind)];
  if (standing) return { ...one, standing: /** @type {Passenger["standing"]} */ (standing), at: mark.at };
  if (mark.kind === "declared") return one.colour === "green" ? one : { ...one, why_not: DECLARED };
  if (mark.kind === "observed" && mark.seat) return { ...one, seat: mark.seat };
  return mark.temperature ? withFever({ ...one, temperature: mark.temperature, measured_at: mark.at }) : one;
}

/** @param {Passenger} one */
export function isFever({ temperature }) {
  return temperature !== null && temperature >= FEVER;
}

/** @param {Passenger} one @returns {Passenger} */
function withFever(one) {
  if (!isFever(one)) return one;
  const rest = "请到旁边等候、与其他人隔开，由现场工作人员移交卫健部门";
  return { ...one, why_not: `测得体温 ${one.temperature?.toFixed(1)} ℃，不能上车。${rest}。` };
}

/** @param {Passenger} one @returns {Passenger} */
function withColour(one) {
  if (one.why_not || !one.colour_until || Date.parse(one.colour_until) > Date.now()) return one;
  return { ...one, why_not: EXPIRED.replace("%s", shown(one.colour_until)) };
}
