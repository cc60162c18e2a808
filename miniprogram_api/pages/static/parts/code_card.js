// The code as it is held up: ring, word, shape, moving band and running clock.

import { endOf, serverNow } from "../core/code.js";
import { h } from "../core/dom.js";
import { isElder } from "../core/elder.js";
import { Refused } from "../core/http.js";
import * as me from "../core/me.js";
import { clock, dayInWords, left, near } from "../core/moment.js";
import { known } from "../core/router.js";
import { qrCode, shape } from "./shapes.js";

/** @typedef {import("../types.js").KeptCode} KeptCode */

const AT_THE_STATION = { label: "到站了？扫场所码登记", page: "scan" };

/**
 * @param {KeptCode} kept
 * @param {boolean} offline the last try to renew it failed
 * @returns {{element: HTMLElement, tick: () => void}} `tick` moves its clock
 */
export function codeCard(kept, offline) {
  const { code } = kept;
  const time = h("span", { class: "band__clock" });
  const date = h("span", { class: "band__day" });
  const remaining = h("strong", {});
  const until = code.until ? untilWords(code.colour, near(code.until, serverNow(kept))) : "";
  const element = h(
    "section",
    { class: `code colour_${code.colour}`, "aria-label": "健康码" },
    offlineWords(kept, offline, remaining),
    h(
      "div",
      { class: "band" },
      h("span", { class: "band__move", "aria-hidden": "true" }),
      h("span", { class: "band__time" }, time, date),
    ),
    h("p", { class: "code__word" }, shape(code.colour), h("strong", {}, code.colour_name)),
    h("div", { class: "ring" }, qrCode(code.text)),
    h("p", { class: "code__fact" }, ...phrases(code.fact)),
    ...code.reasons.slice(1).map((reason) => h("p", { class: "code__fact" }, ...phrases(reason.fact))),
    until && h("p", { class: "code__until" }, until),
    code.reasons[0]?.authority && h("p", { class: "code__until" }, `由${code.reasons[0].authority}负责解释`),
    code.pending && h("p", { class: "code__until" }, "身份正在由工作人员核对，请带好身份证。"),
    next(code),
    disputed(code),
  );
  function tick() {
    const now = serverNow(kept);
    time.textContent = clock(now);
    date.textContent = dayInWords(now);
    remaining.textContent = left(endOf(kept) - now);
  }
  tick();
  return { element, tick };
}

/**
 * @param {KeptCode} kept
 * @param {boolean} offline
 * @param {HTMLElement} remaining
 */
function offlineWords(kept, offline, remaining) {
  const { offline_until } = kept;
  if (offline_until) {
    const until = near(offline_until, serverNow(kept));
    return h(
      "p",
      { class: "code__offline", role: "status" },
      h("strong", { class: "code__tag" }, "离线码"),
      ` 没有网络也能查验，用到 ${until}。连上网会换回联网的码。`,
    );
  }
  return offline && h("p", { class: "code__offline", role: "status" }, "没有网络，这个码还能用 ", remaining);
}

/**
 * A sentence that breaks where it pauses, not in the middle of a word.
 *
 * @param {string} sentence
 */
function phrases(sentence) {
  return (sentence.match(/[^，；。]+[，；。]?/g) ?? []).map((phrase) => h("span", { class: "phrase" }, phrase));
}

/**
 * @param {KeptCode["code"]["colour"]} colour
 * @param {string} moment
 */
function untilWords(colour, moment) {
  return colour === "green" ? `${moment} 前有效` : `到 ${moment} 为止`;
}

/** @param {KeptCode["code"]} code */
function next(code) {
  const step = code.next_step ?? (isElder() ? null : AT_THE_STATION);
  const page = known(step?.page ?? null);
  if (!step || !page) return null;
  const kind = code.colour === "green" ? "weui-btn_default" : "weui-btn_primary";
  return h("a", { class: `weui-btn ${kind}`, href: `#/${page}` }, step.label);
}

/** @param {KeptCode["code"]} code */
function disputed(code) {
  if (code.colour !== "yellow" && code.colour !== "red") return null;
  return h("a", { class: "weui-btn weui-btn_default", href: "#/appeals" }, "觉得不对？申诉");
}

/** Before the first answer. */
export function firstCard() {
  return h(
    "section",
    { class: "code colour_none", "aria-label": "健康码" },
    h("div", { class: "ring ring_empty" }, h("p", { role: "status" }, "正在取健康码…")),
  );
}

/**
 * There is no code that may be shown: no colour, the reason, and what else serves.
 *
 * @param {Error} fault
 * @param {() => void} again
 */
export function endedCard(fault, again) {
  const phone = me.servicePhone();
  return h(
    "section",
    { class: "code colour_none", "aria-label": "健康码" },
    h(
      "div",
      { class: "ring ring_empty" },
      h("p", { class: "ring__title" }, "现在没有可用的码"),
      h("p", { role: "alert" }, fault.message),
    ),
    fault instanceof Refused && fault.code === "accounts.consent_missing"
      ? h("a", { class: "weui-btn weui-btn_primary", href: "#/consents" }, "去看看“我的授权”")
      : h("button", { class: "weui-btn weui-btn_primary", type: "button", onclick: again }, "再试一次"),
    h(
      "p",
      { class: "foot" },
      "急着进站？请出示身份证，让查验员按身份证核对。求助电话 ",
      h("a", { href: `tel:${phone}` }, phone),
    ),
  );
}
