// A whole vehicle by the code that its leader shows: everybody aboard, whoever doesn't pass first; one tap writes them
// all down. The list needs the server: the code names the vehicle alone.

import { byId, drawing, h } from "./dom.js";
import { ask, Offline, Refusal } from "./server.js";
import { SHAPES, show } from "./verdict.js";

/** @typedef {import("./types.js").Told} Told */
/** @typedef {import("./types.js").Measured} Measured */
/** @typedef {import("./types.js").VehicleList} VehicleList */
/** @typedef {import("./types.js").Looked} Looked */

const PREFIX = "LHV1:";
const FEVER = 37.3;
const NOT_YOURS = "整车名单由正式查验员扫车辆码打开，请逐人扫健康码。";

/** @param {string} text */
export function isVehicleCode(text) {
  return text.normalize("NFKC").trim().toUpperCase().startsWith(PREFIX);
}

/**
 * Show a scanned vehicle's list until it is closed, or why there is none.
 *
 * @param {string} text
 * @param {string | null} placeId
 * @param {() => void} closed
 */
export async function openVehicle(text, placeId, closed) {
  try {
    const list = await ask("vehicles/", { text, place_id: placeId, request_key: crypto.randomUUID() });
    new Vehicle(/** @type {VehicleList} */ (list), closed).draw();
  } catch (fault) {
    if (fault instanceof Refusal && fault.status === 401) throw fault;
    if (fault instanceof Refusal && fault.status === 403) return show(unopened(new Error(NOT_YOURS)), false, closed);
    show(unopened(fault), false, closed);
  }
}

/** @param {unknown} fault @returns {Told} */
function unopened(fault) {
  const [reason, next_step] =
    fault instanceof Offline
      ? [
          "没有网络，打不开整车名单：名单在服务器上，车辆码里没有人的信息。",
          "请逐人扫健康码，没有网络也能核验；有网络后再扫车辆码。",
        ]
      : ["车辆码没有打开。", fault instanceof Error ? fault.message : "请车长重新出示车辆码。"];
  return {
    outcome: "cannot_be_checked",
    outcome_name: fault instanceof Offline ? "需要网络" : "不能用",
    colour: null,
    colour_name: "",
    reason,
    next_step,
    first_character: "",
    last_four: "",
    issuer_name: "",
    warning: "",
  };
}

/** One vehicle's list on the screen. */
class Vehicle {
  panel = byId("vehicle", HTMLElement);
  said = h("p", { class: "vehicle__said", role: "status" });
  record = h("button", { class: "button button_main vehicle__record", type: "button" });
  /** @type {Map<string, HTMLInputElement>} */
  ticks = new Map();
  /** Whose readings the server has. @type {Set<string>} */
  recorded = new Set();

  /**
   * @param {VehicleList} list
   * @param {() => void} closed
   */
  constructor(list, closed) {
    this.list = list;
    this.closed = closed;
  }

  draw() {
    const { list } = this;
    const close = h("button", { class: "button", type: "button" }, "关闭，回到扫码");
    close.addEventListener("click", () => this.close());
    this.record.addEventListener("click", () => this.recordTicked());
    this.panel.replaceChildren(
      h(
        "header",
        { class: "vehicle__head" },
        h("h2", {}, list.vehicle),
        h("p", {}, `${list.mode_name} · ${list.state_name}`),
      ),
      ...this.counts(),
      list.people.length
        ? h("ul", { class: "vehicle__people" }, ...list.people.map((one) => this.row(one)))
        : h("p", { class: "vehicle__empty" }, "车上现在没有登记上车的人。请车长先登记上车，或逐人扫健康码。"),
      h("footer", { class: "vehicle__foot" }, this.said, ...(list.people.length ? [this.record] : []), close),
    );
    this.panel.hidden = false;
    this.panel.scrollTop = 0;
    this.count();
    this.panel.focus();
  }

  close() {
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.closed();
  }

  counts() {
    const { passes, refused, colours, transit, people } = this.list;
    const parts = [`车上 ${people.length} 人`, `通过 ${passes} 人`, `不能通过 ${refused} 人`];
    const named = /** @type {[keyof typeof colours, string][]} */ ([
      ["red", "红码"],
      ["yellow", "黄码"],
      ["grey", "未申报"],
    ]);
    const shown = named.filter(([colour]) => colours[colour] > 0).map(([colour, name]) => `${name} ${colours[colour]}`);
    return [
      h("p", { class: `vehicle__counts ${refused ? "vehicle__counts_bad" : ""}` }, parts.join("，")),
      ...(!transit && shown.length ? [h("p", { class: "vehicle__colours" }, `其中 ${shown.join("，")}`)] : []),
      ...(transit ? [h("p", { class: "vehicle__colours" }, "车辆只是路过本地，这里只显示能否通过。")] : []),
    ];
  }

  /** @param {Looked} one */
  row(one) {
    const tick = h("input", { type: "checkbox", class: "vehicle__tick", id: `tick-${one.id}` });
    tick.checked = true;
    tick.addEventListener("change", () => this.count());
    this.ticks.set(one.id, tick);
    const alone = h("button", { class: "button vehicle__alone", type: "button" }, "单独看");
    alone.setAttribute("aria-label", `单独看 ${one.first_character}某 ${one.last_four}`);
    alone.addEventListener("click", () => this.openOne(one));
    const refused = one.outcome !== "passes";
    return h(
      "li",
      { class: `vehicle__row ${refused ? "vehicle__row_bad" : ""}` },
      tick,
      h(
        "label",
        { class: "vehicle__who", for: `tick-${one.id}` },
        drawing(SHAPES[one.outcome], "vehicle__shape"),
        h("strong", {}, `${one.first_character}某 ${one.last_four}`),
        h(
          "span",
          {},
          [one.seat && `座位 ${one.seat}`, one.colour_name || one.outcome_name].filter(Boolean).join(" · "),
        ),
      ),
      alone,
      ...(refused ? [h("p", { class: "vehicle__why" }, `${one.reason}${one.next_step}`)] : []),
    );
  }

  ticked() {
    return this.list.people.filter(({ id }) => this.ticks.get(id)?.checked);
  }

  count() {
    const people = this.ticked();
    const refused = people.filter(({ outcome }) => outcome !== "passes").length;
    this.record.disabled = people.length === 0;
    this.record.textContent = people.length
      ? `记录 ${people.length} 人已查验${refused ? `（${refused} 人不能通过）` : ""}`
      : "没有勾选";
  }

  async recordTicked() {
    this.record.disabled = true;
    this.said.textContent = await this.write(this.ticked().map(({ id }) => id));
    this.count();
  }

  /**
   * @param {string[]} ids
   * @returns {Promise<string>} what to say
   */
  async write(ids) {
    try {
      /** @type {{passed: number, refused: number}} */
      const { passed, refused } = await ask(`vehicles/${this.list.id}/readings`, { entry_ids: ids });
      return `已记录：通过 ${passed} 人，不能通过 ${refused} 人。`;
    } catch (fault) {
      if (fault instanceof Refusal) return fault.message;
      return "没有网络，还没有记下来。请在有网络时再点一次，同一个人只会记一次。";
    }
  }

  /**
   * One person on the whole screen, and written down.
   *
   * @param {Looked} one
   */
  openOne(one) {
    this.panel.hidden = true;
    const back = () => {
      this.panel.hidden = false;
      this.panel.focus();
    };
    show({ ...one, issuer_name: "", warning: "" }, false, back, (degrees) => this.measured(one, degrees));
    this.write([one.id]).then((sentence) => {
      this.said.textContent = sentence;
    });
  }

  /**
   * @param {Looked} one
   * @param {number} degrees
   */
  async measured(one, degrees) {
    try {
      const sent = { entry_id: one.id, request_key: crypto.randomUUID(), temperature: degrees };
      /** @type {Measured} */
      const { fever, colour_name } = await ask(`vehicles/${this.list.id}/temperatures`, sent);
      const now = colour_name && !fever ? `现在是${colour_name}。` : "";
      return { sentence: `测得 ${degrees.toFixed(1)} ℃，已记录。${now}`, fever };
    } catch (fault) {
      const lost = "没有网络，体温没有记下来，请有网络时再记一次。";
      return { sentence: fault instanceof Refusal ? fault.message : lost, fever: degrees >= FEVER };
    }
  }
}
