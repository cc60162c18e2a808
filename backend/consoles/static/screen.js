/**
 * A place's code on a screen: a new one each minute, by the server's time and not the device's.
 *
 * The page holds the codes of the hour ahead and asks for more long before they end, so that a network that fails for
 * a while stops nothing. What it never holds is the secret they are made with.
 */

import encodeQR from "/assets/qr/index.js";

/** @typedef {{ first: number, links: string[], version: number, now: number }} Codes */

const MINUTE = 60_000;
const ASK_EVERY = 2 * MINUTE;
const ASK_AGAIN = 15_000;
const PATIENCE = 10_000;
const QUIET = 4;
const SVG = "http://www.w3.org/2000/svg";

const main = /** @type {HTMLElement} */ (document.querySelector("[data-codes]"));
/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (main.querySelector(`[data-${name}]`));

/** @type {Codes | null} */
let codes = null;
/** The server's time, less what this page's own steady clock said at the same moment. */
let ahead = 0;
let drawn = "";
let online = true;
let refusal = "";

function now() {
  return performance.now() + ahead;
}

/** @returns {Promise<number>} after how many milliseconds to ask again */
async function ask() {
  try {
    const response = await fetch(main.dataset.codes ?? "", {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status === 403) {
      refusal = "这块屏幕已停用。请扫墙上的场所码，或请工作人员扫您的健康码。";
      codes = null;
      return ASK_EVERY;
    }
    if (!response.ok) throw new Error(String(response.status));
    /** @type {Codes} */
    const taken = await response.json();
    ahead = taken.now - performance.now();
    codes = taken;
    refusal = "";
    online = true;
    return ASK_EVERY;
  } catch {
    online = false;
    return ASK_AGAIN;
  }
}

/** @param {string} text */
function draw(text) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join(""));
  svg.append(path);
  part("code").replaceChildren(svg);
}

/** @param {string} text empty while there is a code */
function stop(text) {
  part("stopped").hidden = text === "";
  part("stopped").textContent = text;
  part("code").hidden = text !== "";
}

/** @param {string} text */
function tell(text) {
  if (part("state").textContent !== text) part("state").textContent = text;
}

function tick() {
  const moment = now();
  if (!codes) {
    if (refusal || !online) stop(refusal || "没有网络，暂时没有码。请扫墙上的场所码，或请工作人员扫您的健康码。");
    if (!online) tell("没有联上网络，正在重试…");
    else if (refusal) tell("已停用");
    return;
  }
  const minute = Math.floor(moment / MINUTE);
  const link = codes.links[minute - codes.first];
  part("clock").textContent = new Date(moment + 8 * 60 * MINUTE).toISOString().slice(11, 19);
  part("bar").dataset.left = String(Math.ceil((60 - (moment % MINUTE) / 1000) / 6));
  if (!link) {
    stop("断网太久，屏幕上的码停了。请扫墙上的场所码，或请工作人员扫您的健康码。");
    return tell("没有网络");
  }
  stop("");
  if (link !== drawn) draw(link);
  drawn = link;
  part("version").textContent = `第 ${codes.version} 版`;
  const left = codes.first + codes.links.length - 1 - minute;
  tell(online ? "联网，每分钟换码" : `没有网络，还能显示 ${left} 分钟`);
}

async function keepAsking() {
  const pause = await ask();
  tick();
  setTimeout(keepAsking, pause);
}

async function stayAwake() {
  try {
    if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // A device that saves its battery refuses; its own settings must keep the screen on.
  }
}

part("full").addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => undefined));
document.addEventListener("visibilitychange", stayAwake);
addEventListener("online", () => ask().then(tick));
// While a device sleeps, the page's steady clock may stand still.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask().then(tick));
stayAwake();
keepAsking();
setInterval(tick, 250);
