// The vehicle that somebody leads: who is aboard, ticks at the door, heads, and what happens on the way. It works
// without a network; whatever is written down waits on the phone until the server has it.

import { asMarked, hush, isFever, kept, note, refresh, told, upload, waiting } from "../core/aboard.js";
import { announce, fill, h } from "../core/dom.js";
import { Unreached } from "../core/http.js";
import * as me from "../core/me.js";
import { clock, shown } from "../core/moment.js";
import { forms } from "../parts/aboard_forms.js";
import { action } from "../parts/form.js";
import { empty } from "../parts/lists.js";
import { shape } from "../parts/shapes.js";
import { hasCode, VehicleCodeCard } from "../parts/vehicle_code.js";

/** @typedef {import("../types.js").Mark} Mark */
/** @typedef {import("../types.js").Passenger} Passenger */
/** @typedef {import("../types.js").VehicleList} VehicleList */
/** @typedef {import("../types.js").View} View */

const AGAIN = 30_000;
const AT_THE_DOOR = ["expected", "aboard", "struck", "left"];
const ON_THE_WAY = ["aboard", "left", "expected", "struck"];
const HEADS = { expected: "等待上车", aboard: "车上", struck: "不走了", left: "已下车" };

/**
 * @param {URLSearchParams} params
 * @returns {Promise<View>}
 */
export async function page(params) {
  const aboard = new Aboard(me.current()?.id ?? "", params.get("id") ?? "");
  await aboard.open();
  const timer = setInterval(() => aboard.sync(), AGAIN);
  const online = () => aboard.sync();
  addEventListener("online", online);
  return {
    title: aboard.list?.vehicle || "我带的车",
    body: [aboard.place],
    leave: () => {
      clearInterval(timer);
      aboard.code.close();
      removeEventListener("online", online);
    },
  };
}

/** One vehicle as the page shows it. */
class Aboard {
  place = h("div", { class: "stack" });
  people = h("div", { class: "stack" });
  status = h("div", { class: "panel", role: "status" });
  news = h("div", { class: "stack" });
  /** @type {VehicleList | null} */
  list = null;
  online = true;
  /** @type {string | null | undefined} whose departure the forms that stand here know of */
  departed = null;

  /**
   * @param {string} person
   * @param {string} trip
   */
  constructor(person, trip) {
    this.person = person;
    this.trip = trip;
    this.code = new VehicleCodeCard(person, trip);
  }

  /** What lies on the phone is shown at once; without it the server has to be heard. */
  async open() {
    this.list = await kept(this.trip);
    if (this.list) this.sync();
    else this.list = await refresh(this.person, this.trip);
    await this.build();
  }

  /** Send what waits and fetch the list anew; without a network say so, and go on with what is here. */
  async sync() {
    try {
      this.list = await refresh(this.person, this.trip);
      this.online = true;
    } catch (fault) {
      if (!(fault instanceof Unreached)) {
        this.list = await kept(this.trip);
        fill(this.news, h("p", { class: "alert", role: "alert" }, fault instanceof Error ? fault.message : ""));
      }
      this.online = false;
    }
    await (this.list?.departed_at === this.departed ? this.draw() : this.build());
  }

  /** @param {Omit<Mark, "key" | "at">} said */
  async write(said) {
    await note(this.trip, said);
    await this.draw();
    announce("已记下");
    // The answer is waited for nowhere: the next person stands at the door.
    upload(this.person, this.trip).then(
      () => this.sync(),
      () => this.sync(),
    );
  }

  async build() {
    this.departed = this.list?.departed_at;
    const code = hasCode(this.list) ? this.code.element : null;
    fill(this.place, this.status, this.news, code, this.people, this.list?.closed ? null : forms(this));
    await this.draw();
  }

  async draw() {
    const { list } = this;
    if (!list || list.closed) return this.ended();
    const marks = await waiting(this.trip);
    const people = asMarked(list, marks);
    fill(this.status, ...this.head(list, people, marks.length));
    const news = await told(this.trip);
    if (news.length)
      fill(this.news, ...news.map(({ text }) => h("p", { class: "alert", role: "alert" }, text)), this.read());
    fill(this.people, ...(list.departed_at ? ON_THE_WAY : AT_THE_DOOR).map((standing) => this.group(standing, people)));
  }

  ended() {
    this.code.close();
    fill(this.status, h("p", { class: "panel__title" }, "这辆车已经结束"), h("p", {}, "乘车名单已从这部手机上删除。"));
    fill(this.people, h("a", { class: "weui-btn weui-btn_primary", href: "#/trips" }, "回到我的车次"));
    this.place.replaceChildren(this.status, this.news, this.people);
  }

  read() {
    return action("知道了", "weui-btn_default", async () => {
      await hush(this.trip);
      fill(this.news);
    });
  }

  /**
   * @param {VehicleList} list
   * @param {Passenger[]} people
   * @param {number} waits
   */
  head(list, people, waits) {
    const aboard = people.filter(({ standing }) => standing === "aboard").length;
    const missing = people.filter(({ standing }) => standing === "expected").length;
    const others = list.departed_at ? `没有上车 ${missing} 人` : `应到 ${aboard + missing} 人`;
    const count = list.counts[0];
    const left = list.departed_at
      ? `${shown(list.departed_at)} 发车`
      : list.departs_at && `计划 ${shown(list.departs_at)} 发车`;
    return [
      h("p", { class: "panel__title" }, `车上 ${aboard} 人，${others}`),
      h("p", {}, [list.vehicle, list.state_name, left].filter(Boolean).join(" · ")),
      h("p", {}, `颜色截至 ${shown(list.server_time)}${this.online ? "" : "；现在没有网络，可以继续登记"}`),
      waits > 0 && h("p", {}, `${waits} 条登记等待上传，有网络时自动上传，请不要退出登录。`),
      count &&
        h(
          "p",
          {},
          `${clock(Date.parse(count.at)).slice(0, 5)} 清点 ${count.heads} 人${count.heads === count.expected ? "，相符" : `，应有 ${count.expected} 人，不符`}`,
        ),
    ];
  }

  /**
   * @param {string} standing
   * @param {Passenger[]} all
   */
  group(standing, all) {
    const people = all.filter((one) => one.standing === standing);
    const label =
      this.list?.departed_at && standing === "expected"
        ? "没有上车"
        : HEADS[/** @type {keyof typeof HEADS} */ (standing)];
    if (people.length === 0)
      return standing === "expected" && all.length === 0 ? empty("名单是空的", "请联系出发地单位。") : null;
    return h(
      "section",
      { class: "group", "aria-label": label },
      h("h2", { class: "weui-cells__title" }, `${label}（${people.length}）`),
      h("ul", { class: "entries" }, ...people.map((one) => this.row(one))),
    );
  }

  /** @param {Passenger} one */
  row(one) {
    const boards = one.standing === "expected" && !this.list?.departed_at;
    return h(
      "li",
      { class: "entry passenger" },
      h(
        "div",
        { class: "passenger__who" },
        h("p", { class: "entry__title" }, `${one.name} ${one.last_four}`),
        h(
          "p",
          { class: "entry__line passenger__colour" },
          shape(one.colour),
          [one.colour_name, one.seat && `座位 ${one.seat}`, `${one.number} 号`].filter(Boolean).join(" · "),
        ),
        one.at &&
          one.standing !== "expected" &&
          h("p", { class: "entry__line" }, `${shown(one.at)} ${one.standing === "aboard" ? "上车" : one.words}`),
        one.measured_at &&
          h("p", { class: "entry__line" }, `${shown(one.measured_at)} 体温 ${one.temperature?.toFixed(1)} ℃`),
        one.standing === "aboard" && isFever(one) && this.fever(),
        boards && one.why_not && h("p", { class: "field__said field__said_wrong" }, one.why_not),
      ),
      boards && !one.why_not && this.tick(one),
    );
  }

  fever() {
    const stops = this.list?.stops.filter(({ hands_over }) => hands_over).map(({ name }) => name) ?? [];
    const where = stops.length ? `在${stops.join("或")}移交卫健部门` : "在下一个停靠点移交卫健部门";
    return h("p", { class: "field__said field__said_wrong" }, `发热：请移到观察座位，${where}。`);
  }

  /** @param {Passenger} one */
  tick(one) {
    return h(
      "button",
      {
        class: "weui-btn weui-btn_primary passenger__tick",
        type: "button",
        "aria-label": `${one.name} 上车`,
        onclick: () => this.write({ kind: "boarded", entry_id: one.id }),
      },
      "上车",
    );
  }
}
