// The checkpoint page: who stands where, the camera, the verdict, and what is always visible beside it.

import { Camera, readPicture } from "./camera.js";
import { checkCard, isCard } from "./cards.js";
import { byId, h } from "./dom.js";
import { dropScan, load, save, waitingScans } from "./kept.js";
import { age, shortTime } from "./moment.js";
import { count as countPhotos, photoPart, uploadPhotos, waitingPhotos } from "./photo.js";
import { mayTrustAnew } from "./retrust.js";
import { check, measure, uploadWaiting } from "./scans.js";
import { ask, Offline, Refusal, signIn } from "./server.js";
import { allowSound } from "./signals.js";
import {
  clockIsOff,
  clockOffset,
  Doubtful,
  deniedList,
  KEYS_LAST,
  keyList,
  OLD,
  renewTrust,
  Stranger,
  serverNow,
} from "./trust.js";
import { isVehicleCode, openVehicle } from "./vehicle.js";
import { show } from "./verdict.js";

/** @typedef {import("./types.js").Post} Post */
/** @typedef {import("./types.js").Told} Told */
/** @typedef {import("./types.js").Waiting} Waiting */

const RENEW = 60_000;
const NEAR_THE_END = 20 * 60_000;
const NOWHERE = "";
/** Degrees (国卫办: 37.3 ℃). */
const FEVER = 37.3;

/** @type {Post | null} */
let post = load("post", null);
let online = navigator.onLine;
let busy = false;
const camera = new Camera(byId("video", HTMLVideoElement), (text) => found(text));
const field = byId("typed", HTMLInputElement);

/** Ask who is signed in and where they may stand, then renew keys and time, then send what waits. */
async function renew() {
  try {
    post = await ask("places");
    save("post", post);
    showPlaces();
    await renewTrust().catch(doubted);
    online = true;
    await uploadWaiting(post?.operator.id ?? "", differs);
    const refused = await uploadPhotos(post?.operator.id ?? "");
    if (refused) say(refused);
  } catch (fault) {
    online = !(fault instanceof Offline);
    if (fault instanceof Refusal) asked(fault);
  }
  warnOfEnd();
  showState();
}

/** What can't be believed isn't taken, and the officer hears of it; what is known stays. @param {unknown} fault */
function doubted(fault) {
  if (!(fault instanceof Doubtful)) throw fault;
  const decides = fault instanceof Stranger && !post?.until;
  say(fault.message, decides ? { label: "重新信任…", act: trustAnew } : undefined);
}

/** Believe the server's present keys, though nobody vouched for them: the officer's own decision. */
async function trustAnew() {
  if (!(await mayTrustAnew())) return;
  try {
    await renewTrust(true);
    say("已重新信任：密钥和作废名单换成了服务器现在的，可以照常查验。");
  } catch (fault) {
    if (fault instanceof Offline) say("没有网络，还没有换。联网后请再试一次。");
    else if (fault instanceof Refusal) asked(fault);
    else doubted(fault);
  }
  showState();
}

/** @param {Refusal} refusal */
function asked({ status, message }) {
  if (status === 401 && post?.until) return over();
  if (status === 401 && waitingScans().length === 0) return signIn();
  say(message, status === 401 ? { label: "去登录", act: signIn } : undefined);
}

/** A temporary officer's time is over, or this isn't the phone: what the server takes no more leaves it. */
function over() {
  const lost = waitingScans().filter(({ operator_id }) => operator_id === post?.operator.id);
  for (const scan of lost) dropScan(scan);
  post = null;
  save("post", null);
  showPlaces();
  const left = lost.length > 0 ? `有 ${lost.length} 条没有来得及上传，不再保存，请告诉当班查验员。` : "";
  say(`临时查验已结束，谢谢您帮忙。${left}要继续帮忙，请当班查验员再出示一个二维码。`);
}

/** Scans of a temporary officer that wait near the shift's end would be lost. */
function warnOfEnd() {
  const waiting = waitingScans().length;
  const left = Date.parse(post?.until ?? "") - serverNow();
  if (waiting === 0 || !(left > 0 && left < NEAR_THE_END)) return;
  say("这一班快结束了，还有扫码没有上传，请尽快到有网络的地方。");
}

/**
 * A text came from the camera, a picture, a hand scanner or the keyboard.
 *
 * @param {string} text
 */
async function found(text) {
  if (busy || !text.trim()) return;
  if (!post) return say("请先联网登录一次，再开始查验。", { label: "去登录", act: signIn });
  if (post.until && Date.parse(post.until) <= serverNow()) return over();
  busy = true;
  camera.paused = true;
  try {
    const [place, operator] = [chosenPlace(), post.operator.id];
    if (isVehicleCode(text)) {
      await openVehicle(text, place, next);
      return;
    }
    const { told, alone, key } = isCard(text) ? await checkCard(text) : await check(text, place, operator);
    online = !alone;
    const met = told.outcome === "passes" || told.outcome === "refused";
    const photo = met && !post.until ? photoPart(byId("video", HTMLVideoElement), key, operator, showState) : undefined;
    show(told, alone && !isCard(text), next, (degrees) => measured(text, place, operator, degrees), photo);
  } catch (fault) {
    next();
    if (fault instanceof Refusal) asked(fault);
    else say("这次扫码没有记下来：手机存储空间可能已满，请清理后重试。");
  }
  showState();
}

/**
 * A temperature beside the verdict.
 *
 * @param {string} text
 * @param {string | null} place
 * @param {string} operator
 * @param {number} degrees
 * @returns {Promise<{sentence: string, fever: boolean}>} what to show beside the field
 */
async function measured(text, place, operator, degrees) {
  try {
    const answer = await measure(text, place, operator, degrees);
    const fever = answer?.fever ?? degrees >= FEVER;
    const kept = answer ? "已记录" : "没有网络：已记下，联网后自动上传";
    const now = answer?.colour_name && !fever ? `现在是${answer.colour_name}。` : "";
    return { sentence: `测得 ${degrees.toFixed(1)} ℃，${kept}。${now}`, fever };
  } catch (fault) {
    return { sentence: fault instanceof Refusal ? fault.message : "没有记下来，请重试。", fever: false };
  } finally {
    showState();
  }
}

function next() {
  busy = false;
  camera.paused = false;
  if (document.body.dataset.source === "typed") field.focus();
}

/**
 * The server judges otherwise than the phone did alone.
 *
 * @param {Waiting} scan
 * @param {Told} told
 */
function differs({ shown, scanned_at }, told) {
  const time = shortTime(scanned_at);
  const who = shown?.first_character ? `${shown.first_character}某 ${shown.last_four}` : "一个码";
  say(`${time} 离线扫的${who}：当时显示“${shown?.outcome_name}”，联网核对是“${told.outcome_name}”。${told.reason}`);
}

/**
 * A notice that stays until it is closed.
 *
 * @param {string} text
 * @param {{label: string, act: () => void}} [way]
 */
function say(text, way) {
  const notices = byId("notices", HTMLElement);
  if ([...notices.children].some((one) => one.firstChild?.textContent === text)) return;
  const close = h("button", { type: "button", class: "button button_small" }, way?.label ?? "知道了");
  const notice = h("div", { class: "notice", role: "alert" }, h("p", {}, text), close);
  close.addEventListener("click", () => {
    notice.remove();
    way?.act();
  });
  notices.append(notice);
}

function showPlaces() {
  byId("officers", HTMLElement).hidden = Boolean(post?.until);
  if (!post) return byId("office", HTMLElement).replaceChildren();
  const select = byId("place", HTMLSelectElement);
  const chosen = load("place", NOWHERE);
  select.replaceChildren(
    h("option", { value: NOWHERE }, post.places.length > 0 ? "请选择您所在的地点" : "本单位还没有场所码"),
    ...post.places.map(({ id, name, region_name }) => h("option", { value: id }, `${name}（${region_name}）`)),
  );
  const only = post.until ? (post.places[0]?.id ?? NOWHERE) : NOWHERE;
  select.value = post.places.some(({ id }) => id === chosen) ? chosen : only;
  select.disabled = Boolean(post.until);
  const until = post.until ? ` · 到 ${shortTime(post.until)}` : "";
  byId("office", HTMLElement).textContent = `${post.office.name} · ${post.operator.name}${until}`;
  byId("nowhere", HTMLElement).hidden = select.value !== NOWHERE;
}

function chosenPlace() {
  return byId("place", HTMLSelectElement).value || null;
}

/** Online or not, the clock's difference, the lists' ages, scans that wait: always in view. */
function showState() {
  const [keysAge, deniedAge] = [keyList(), deniedList()].map(({ dated }) => (dated ? serverNow() - dated : null));
  const waiting = waitingScans().length + waitingPhotos();
  mark("net", online ? "在线" : "离线", online);
  mark("clock", clockSentence(), clockOffset() !== null && !clockIsOff());
  mark("keys", `密钥 ${age(keysAge)}`, (keysAge ?? KEYS_LAST) < KEYS_LAST);
  mark("denied", `名单 ${age(deniedAge)}`, (deniedAge ?? OLD) < OLD);
  mark("waiting", `待上传 ${waiting}`, waiting === 0);
  const chips = [...document.querySelectorAll(".chip")].map((chip) => chip.textContent);
  byId("state", HTMLElement).textContent = chips.join(" · ");
  byId("clock_off", HTMLElement).hidden = !clockIsOff();
}

/**
 * @param {string} id
 * @param {string} text
 * @param {boolean} good
 */
function mark(id, text, good) {
  const chip = byId(id, HTMLElement);
  chip.textContent = text;
  chip.classList.toggle("chip_bad", !good);
}

function clockSentence() {
  const offset = clockOffset();
  if (offset === null) return "未校时";
  const seconds = Math.abs(offset) / 1000;
  if (seconds < 2) return "时间准";
  return seconds < 120 ? `时间差 ${Math.round(seconds)} 秒` : `时间差 ${Math.round(seconds / 60)} 分`;
}

async function start() {
  allowSound();
  byId("start", HTMLElement).hidden = true;
  byId("looking", HTMLElement).hidden = false;
  try {
    await camera.open();
    await stayAwake();
  } catch (fault) {
    byId("start", HTMLElement).hidden = false;
    byId("looking", HTMLElement).hidden = true;
    say(fault instanceof Error ? fault.message : "摄像头打不开。");
  }
}

/** A dark screen sees no code. */
async function stayAwake() {
  if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
  await navigator.wakeLock.request("screen").catch(() => undefined);
}

/** The camera opens at once where it was allowed before. */
async function startIfAllowed() {
  try {
    const answer = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("camera") });
    if (answer.state === "granted") await start();
  } catch {
    // This browser doesn't say; the button does.
  }
}

function listen() {
  byId("open", HTMLButtonElement).addEventListener("click", start);
  byId("place", HTMLSelectElement).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement) save("place", target.value);
    showPlaces();
  });
  byId("picture", HTMLInputElement).addEventListener("change", async ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.files?.[0]) return;
    const file = target.files[0];
    target.value = "";
    document.body.dataset.source = "picture";
    await readPicture(file).then(found, (fault) => say(fault.message));
  });
  byId("hand", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value;
    field.value = "";
    document.body.dataset.source = "typed";
    found(text);
  });
  // A hand scanner types without asking where: what comes with nothing focused goes into the field.
  document.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
    const free = document.activeElement === document.body || document.activeElement === byId("next", HTMLButtonElement);
    if (key.length === 1 && key !== " " && free && !ctrlKey && !altKey && !metaKey) field.focus();
  });
  addEventListener("online", renew);
  addEventListener("offline", () => {
    online = false;
    showState();
  });
  document.addEventListener("pointerdown", allowSound);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") renew();
  });
}

listen();
showPlaces();
showState();
renew();
countPhotos().then(showState);
startIfAllowed();
setInterval(renew, RENEW);
setInterval(showState, 10_000);
navigator.serviceWorker?.register("/checkpoint/service_worker.js").catch(() => undefined);
