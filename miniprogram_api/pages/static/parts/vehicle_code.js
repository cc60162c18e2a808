// The code of a whole vehicle: its leader holds it up, an officer sees everybody aboard. It is fetched anew before it
// ends; one that has ended is never shown.

import { get } from "../core/api.js";
import { announce, fill, h } from "../core/dom.js";
import { Unreached } from "../core/http.js";
import { clock, left } from "../core/moment.js";
import { stayAwake } from "../core/wake.js";
import { qrCode } from "./shapes.js";

/** @typedef {import("../types.js").VehicleCode} VehicleCode */

const EARLY = 60_000;
const AGAIN = 10_000;
const SHOWN_IN = new Set(["waiting", "on_the_way", "returning"]);

/** @param {import("../types.js").Led | null} led Whether such a vehicle has a code. */
export function hasCode(led) {
  return SHOWN_IN.has(led?.state ?? "");
}

/** The button, and below it the code while it is held up. */
export class VehicleCodeCard {
  /**
   * @param {string} person
   * @param {string} trip
   */
  constructor(person, trip) {
    this.path = `/people/${person}/vehicles/${trip}/code`;
    this.button = h("button", { class: "weui-btn weui-btn_default", type: "button", "aria-expanded": "false" });
    this.card = h("div", { class: "stack" });
    this.element = h("section", { class: "stack", "aria-label": "车辆码" }, this.button, this.card);
    this.button.addEventListener("click", () => (this.open ? this.close() : this.show()));
    this.close();
  }

  open = false;
  /** @type {VehicleCode | null} */
  code = null;
  offset = 0;
  next = 0;
  timer = 0;
  said = "";
  sleep = () => {};
  remaining = h("strong", {});
  time = h("span", { class: "band__clock" });

  show() {
    this.open = true;
    this.button.textContent = "收起车辆码";
    this.button.setAttribute("aria-expanded", "true");
    this.sleep = stayAwake();
    this.timer = setInterval(() => this.tick(), 1000);
    this.draw();
    this.renew();
  }

  close() {
    this.open = false;
    clearInterval(this.timer);
    this.sleep();
    this.code = null;
    this.said = "";
    this.button.textContent = "出示车辆码";
    this.button.setAttribute("aria-expanded", "false");
    fill(this.card);
  }

  now() {
    return Date.now() + this.offset;
  }

  tick() {
    if (this.code && this.now() >= Date.parse(this.code.expires_at)) {
      this.code = null;
      announce("车辆码已过期");
      this.draw();
    }
    const due = !this.code || Date.parse(this.code.expires_at) - this.now() < EARLY;
    if (due && Date.now() >= this.next) this.renew();
    this.time.textContent = clock(this.now());
    if (this.code) this.remaining.textContent = left(Date.parse(this.code.expires_at) - this.now());
  }

  async renew() {
    this.next = Date.now() + AGAIN;
    const asked = Date.now();
    try {
      /** @type {VehicleCode} */
      const code = await get(this.path);
      if (!this.open) return;
      this.offset = Date.parse(code.server_time) - (asked + Date.now()) / 2;
      [this.code, this.said] = [code, ""];
    } catch (fault) {
      // The server's word goes over what the phone holds: a vehicle that has ended has no code.
      if (!(fault instanceof Unreached)) this.code = null;
      this.said = fault instanceof Error ? fault.message : String(fault);
    }
    if (this.open) this.draw();
  }

  draw() {
    if (this.code) {
      fill(
        this.card,
        h(
          "div",
          { class: "code colour_none" },
          h("div", { class: "band" }, h("span", { class: "band__time" }, this.time)),
          h("div", { class: "ring" }, qrCode(this.code.text, "车辆码二维码，请查验员扫描")),
          h("p", { class: "code__fact" }, "给查验员扫这个码，就能看到全车的人。还能用 ", this.remaining),
          this.said && h("p", { class: "code__fact", role: "status" }, this.said),
        ),
      );
      this.tick();
      return;
    }
    const waits = h("p", { role: "status" }, "正在取车辆码…");
    const without = [
      h("p", { role: "alert" }, this.said),
      h("p", {}, "没有车辆码时，请每个人各自亮健康码；没有手机的请出示身份证。"),
    ];
    fill(this.card, h("div", { class: "panel" }, ...(this.said ? without : [waits])));
  }
}
