// Signing in without WeChat's codes: a phone number, then the code of an SMS.

import { h } from "../core/dom.js";
import { send } from "../core/http.js";
import * as me from "../core/me.js";
import { go, takeNotice } from "../core/router.js";
import { begin } from "../core/session.js";
import { form, sender, textField, Wrong } from "../parts/form.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Tokens} Tokens */

const PHONE = /^1[3-9]\d{9}$/;

/** @returns {View} */
export function page() {
  const place = h("div", { class: "stack" });
  const view = { title: "登录", first: true, bare: true, body: [mark(), notice(), place, otherWays()] };
  askPhone(place, "");
  return view;
}

function mark() {
  return h(
    "div",
    { class: "mark" },
    h("img", { src: "/w/icon.svg", width: 64, height: 64, alt: "" }),
    h("p", { class: "mark__name", "aria-hidden": "true" }, "灵活"),
    h("p", { class: "mark__what" }, "外出务工健康码"),
  );
}

function notice() {
  const text = takeNotice();
  return h("p", { class: "alert", role: "alert", hidden: text === "" }, text);
}

function otherWays() {
  const phone = me.servicePhone();
  return h(
    "div",
    { class: "foot" },
    h("p", {}, "用微信打开“灵活”小程序，不用验证码就能登录。"),
    h("p", {}, "没有手机或收不到短信？拨打 ", h("a", { href: `tel:${phone}` }, phone)),
  );
}

/**
 * @param {HTMLElement} place
 * @param {string} earlier
 */
function askPhone(place, earlier) {
  const phone = textField("phone", "手机号", {
    type: "tel",
    inputmode: "numeric",
    autocomplete: "tel-national",
    maxlength: 13,
    placeholder: "11 位手机号",
    value: earlier,
  });
  const sending = sender(
    "获取验证码",
    async () => {
      const number = phone.input.value.replace(/\D/g, "").replace(/^86(?=1\d{10}$)/, "");
      if (!PHONE.test(number)) throw new Wrong({ phone: "请填 11 位手机号。" });
      const { retry_after } = await request(number);
      askCode(place, number, retry_after);
    },
    { phone },
  );
  place.replaceChildren(form(sending, phone.row));
}

/**
 * @param {string} phone
 * @returns {Promise<{retry_after: number}>}
 */
async function request(phone) {
  return /** @type {{retry_after: number}} */ (await send("POST", "/auth/sms", { body: { phone } }));
}

/**
 * @param {HTMLElement} place
 * @param {string} phone
 * @param {number} wait
 */
function askCode(place, phone, wait) {
  const code = textField(
    "code",
    "短信验证码",
    { type: "text", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 6, placeholder: "6 位数字" },
    `已发到 ${phone.slice(0, 3)}****${phone.slice(7)}，请看短信。`,
  );
  const sending = sender(
    "登录",
    async () => {
      const digits = code.input.value.replace(/\D/g, "");
      if (digits.length !== 6) throw new Wrong({ code: "请填短信里的 6 位数字。" });
      await begin(/** @type {Tokens} */ (await send("POST", "/auth/sms/verify", { body: { phone, code: digits } })));
      await me.load();
      go("code", { replace: true });
    },
    { code },
  );
  const again = againButton(wait, () => request(phone), sending.alert);
  const change = h(
    "button",
    { class: "weui-btn weui-btn_default", type: "button", onclick: () => askPhone(place, phone) },
    "换个手机号",
  );
  place.replaceChildren(form(sending, code.row), again, change);
  code.focus();
}

/**
 * Asks for another SMS once the wait is over.
 *
 * @param {number} wait seconds
 * @param {() => Promise<{retry_after: number}>} ask
 * @param {HTMLElement} alert
 */
function againButton(wait, ask, alert) {
  const button = h("button", { class: "weui-btn weui-btn_default", type: "button", disabled: true });
  /** @param {number} left */
  function count(left) {
    button.disabled = left > 0;
    button.textContent = left > 0 ? `重新发送（${left} 秒后）` : "重新发送验证码";
    if (left > 0) setTimeout(() => button.isConnected && count(left - 1), 1000);
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      count((await ask()).retry_after);
    } catch (fault) {
      alert.hidden = false;
      alert.textContent = fault instanceof Error ? fault.message : String(fault);
      count(0);
    }
  });
  setTimeout(() => count(wait));
  return button;
}
