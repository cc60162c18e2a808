// Scanning a place's code: find the text, ask for the position with its reason, tell what was kept.

import { keys, post } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { keepScanned, takePosition, takeScanned } from "../core/handed.js";
import * as me from "../core/me.js";
import { positionAllowed, readPosition } from "../core/position.js";
import { takeNotice } from "../core/router.js";
import { inMiniProgram, openNative } from "../core/shell.js";
import { action, form, sender, textField, Wrong } from "../parts/form.js";
import { scanResult } from "../parts/scan_result.js";
import { cameraAllowed, readPicture, watch } from "../parts/scanner.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").Position} Position */
/** @typedef {import("../types.js").Scanned} Scanned */

/** The last part of the link on a place's screen: poster, minute, proof. */
const ON_SCREEN = /[\w-]{22}\.\d{1,9}\.[\w-]{22}$/;

/** @returns {View} */
export function page() {
  const scan = new Scan();
  const given = takeScanned();
  if (given) scan.found(given);
  else scan.look();
  return { title: "扫场所码", tab: "scan", body: [scan.place], leave: () => scan.stop() };
}

/** One scan from the search for a code to its result. */
class Scan {
  place = h("div", { class: "stack" });
  keyFor = keys();
  /** @type {() => void} */
  stop = () => undefined;

  /** Three ways to the text: the camera, a picture, the number printed below the code. */
  look() {
    const notice = takeNotice();
    const video = h("video", { class: "camera__video", playsinline: true, muted: true, "aria-label": "摄像头画面" });
    video.muted = true;
    const open = action("打开摄像头扫码", "weui-btn_primary", () => this.open(video, camera));
    const camera = h(
      "div",
      { class: "camera" },
      h("p", { class: "camera__hint" }, "对准车站、工厂门口张贴的场所码"),
      open,
    );
    if (inMiniProgram()) {
      camera.append(
        h(
          "button",
          { class: "weui-btn weui-btn_default", type: "button", onclick: () => openNative("scan") },
          "用微信扫一扫",
        ),
      );
    }
    this.place.replaceChildren(
      h("p", { class: "alert", role: "alert", hidden: notice === "" }, notice),
      camera,
      this.picture(),
      this.number(),
    );
    cameraAllowed().then((allowed) => {
      if (allowed && camera.isConnected) open.querySelector("button")?.click();
    });
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLElement} camera
   */
  async open(video, camera) {
    camera.prepend(video);
    camera.classList.add("camera_open");
    try {
      this.stop = await watch(video, (text) => this.found(text));
    } catch (fault) {
      video.remove();
      camera.classList.remove("camera_open");
      throw fault;
    }
    if (!camera.isConnected) return this.stop();
    camera.querySelector(".action")?.remove();
  }

  picture() {
    const said = h("p", { class: "alert", role: "alert", hidden: true });
    const input = h("input", { type: "file", accept: "image/*", class: "unseen", id: "picture" });
    input.addEventListener("change", async () => {
      const file = input.files?.[0];
      if (!file) return;
      said.hidden = true;
      try {
        this.found(await readPicture(file));
      } catch (fault) {
        said.textContent = fault instanceof Error ? fault.message : String(fault);
        said.hidden = false;
        input.value = "";
      }
    });
    return h(
      "div",
      {},
      said,
      input,
      h("label", { for: "picture", class: "weui-btn weui-btn_default" }, "从相册选图片"),
    );
  }

  number() {
    const typed = textField("number", "没有摄像头？输入码下面的编号", {
      type: "text",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: 200,
      placeholder: "22 位字母、数字",
    });
    const sending = sender(
      "用编号登记",
      () => {
        const text = typed.input.value.trim();
        if (!text) return Promise.reject(new Wrong({ number: "请填码下面的编号。" }));
        this.found(text);
        return Promise.resolve();
      },
      { number: typed },
    );
    sending.button.className = "weui-btn weui-btn_default";
    return form(sending, typed.row);
  }

  /**
   * A text was found. The position proves that the person is there, so it is asked for, with the reason and a way out.
   *
   * @param {string} q
   */
  async found(q) {
    this.stop();
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
    if (ON_SCREEN.test(q)) return this.confirm(q);
    const handed = takePosition();
    if (handed) return this.ask(q, handed);
    this.ask(q, null);
    if (await positionAllowed()) this.place.querySelector("button")?.click();
  }

  /**
   * The code on a place's screen changes every minute: it proves by itself that the person is there.
   *
   * @param {string} q
   */
  confirm(q) {
    const sending = action("登记", "weui-btn_primary", () => this.send(q, null));
    fill(
      this.place,
      h("h2", { class: "lead", tabindex: -1 }, "扫到了屏幕上的场所码"),
      h("p", {}, "这个码每分钟换一次，扫了就算到过，不需要位置。"),
      sending,
      h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: () => this.look() }, "重新扫"),
    );
    sending.querySelector("button")?.click();
  }

  /**
   * @param {string} q
   * @param {Position | null} position
   */
  ask(q, position) {
    const withPosition = action("提供位置并登记", "weui-btn_primary", async () =>
      this.send(q, position ?? (await readPosition())),
    );
    const without = action("不提供位置，只登记", "weui-btn_default", () => this.send(q, null));
    fill(
      this.place,
      h("h2", { class: "lead", tabindex: -1 }, "扫到了，要登记到过这里吗？"),
      h("p", {}, "位置只用这一次，用来证明您真的到了这个地方，避免别人转发的码算到您头上。"),
      h("p", {}, "不提供也可以：这次扫码会记下，但不算到过；请再让查验员扫一下您的健康码。"),
      withPosition,
      without,
      inMiniProgram() &&
        h(
          "button",
          { class: "weui-btn weui-btn_default", type: "button", onclick: () => this.native(q) },
          "用微信提供位置",
        ),
      h(
        "button",
        { class: "weui-btn weui-btn_default", type: "button", onclick: () => this.look() },
        "不是这个码，重新扫",
      ),
    );
    this.place.querySelector("h2")?.focus();
    if (position) withPosition.querySelector("button")?.click();
  }

  /**
   * The native page reads the position and comes back here.
   *
   * @param {string} q
   */
  native(q) {
    keepScanned(q);
    openNative("position");
  }

  /**
   * @param {string} q
   * @param {Position | null} position
   */
  async send(q, position) {
    const person = me.current();
    if (!person) return;
    const body = { q, ...(position ? { position } : {}) };
    /** @type {Scanned} */
    const scanned = await post(`/people/${person.id}/scans`, body, this.keyFor(body));
    this.place.replaceChildren(...scanResult(scanned, () => this.look()));
    this.place.querySelector("h2")?.focus();
  }
}
