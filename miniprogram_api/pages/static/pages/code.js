// 亮码, the home page. It never shows a colour that is out of date.

import { endOf, fetchCode, isGood, kept, serverNow } from "../core/code.js";
import { announce, h } from "../core/dom.js";
import { hush, isElder } from "../core/elder.js";
import { Refused } from "../core/http.js";
import * as me from "../core/me.js";
import * as packs from "../core/pack.js";
import { go, show as showAgain } from "../core/router.js";
import { SignedOut } from "../core/session.js";
import { stayAwake } from "../core/wake.js";
import { codeCard, endedCard, firstCard } from "../parts/code_card.js";
import { bigButtons } from "../parts/elder_buttons.js";

/** @typedef {import("../types.js").View} View */
/** @typedef {import("../types.js").KeptCode} KeptCode */
/** @typedef {import("../types.js").KeptPack} KeptPack */
/** @typedef {import("../types.js").Person} Person */

const EARLY = 60_000;
const STALE = 20_000;
/** A network that takes so long to answer counts as none for showing a code that was given ahead. */
const SLOW = 4_000;
const PATIENCE = [3_000, 5_000, 10_000, 20_000, 30_000];

/** @returns {View} */
export function page() {
  const person = /** @type {Person} */ (me.current());
  const shown = new Shown(person);
  const sleep = stayAwake();
  shown.start();
  refresh(person, shown.place);
  return {
    title: "健康码",
    tab: "code",
    bare: true,
    body: [holder(person), shown.place, isElder() && bigButtons(() => shown.inWords())],
    leave: () => {
      shown.stop();
      sleep();
      hush();
    },
  };
}

/**
 * Hear how many messages are unread, and whether the account still speaks for the person.
 *
 * @param {Person} person
 * @param {HTMLElement} place where the code stands while the page does
 */
async function refresh(person, place) {
  try {
    const { people } = await me.load();
    const held = people.some(({ id, may_show }) => id === person.id && may_show);
    if (!held && place.isConnected) showAgain();
  } catch {
    // The code's own renewal tells what is wrong.
  }
}

/**
 * Whose code it is; with several people a switch between them.
 *
 * @param {Person} person
 */
function holder(person) {
  const people = me.known()?.people.filter(({ may_show }) => may_show) ?? [];
  const whose = h(
    "p",
    { class: "holder__name" },
    h("strong", {}, person.name_mask),
    ` 尾号 ${me.lastFour(person)}`,
    person.relation === "self" ? null : h("span", { class: "tag" }, me.relationName(person)),
  );
  if (people.length < 2) return h("div", { class: "holder" }, whose);
  const select = h(
    "select",
    { class: "holder__switch", "aria-label": "换个人亮码" },
    ...people.map((one) =>
      h(
        "option",
        { value: one.id, selected: one.id === person.id },
        `${one.name_mask} ${me.lastFour(one)}（${me.relationName(one)}）`,
      ),
    ),
  );
  select.addEventListener("change", () => {
    me.choose(select.value);
    showAgain();
  });
  return h("div", { class: "holder" }, whose, h("label", { class: "holder__change" }, "换人", select));
}

/** The code of one person while it stands on the screen. */
class Shown {
  /** @param {Person} person */
  constructor(person) {
    this.person = person;
    this.place = h("div", { class: "code-place" });
    this.kept = kept(person.id);
    /** @type {(() => void) | null} */
    this.tickCard = null;
    this.fetching = false;
    this.failures = 0;
    this.next = 0;
    this.timer = 0;
    this.began = Date.now();
    /** @type {KeptPack | null} */
    this.pack = null;
    this.wake = () => this.look();
  }

  start() {
    this.draw();
    this.timer = setInterval(() => this.tick(), 1000);
    addEventListener("online", this.wake);
    addEventListener("offline", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.renew();
    packs.take(this.person.id).then((pack) => {
      this.pack ??= pack;
      this.fallBack();
    });
  }

  stop() {
    clearInterval(this.timer);
    removeEventListener("online", this.wake);
    removeEventListener("offline", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
  }

  /** The phone was taken up again, or has a network again. */
  look() {
    if (document.visibilityState === "hidden") return;
    this.next = 0;
    this.tick();
    const age = this.kept ? serverNow(this.kept) - Date.parse(this.kept.code.issued_at) : STALE;
    if (age >= STALE || this.fault !== null) this.renew();
  }

  tick() {
    if (this.kept && !isGood(this.kept)) {
      this.kept = null;
      if (!this.fallBack()) {
        this.draw();
        announce("健康码已过期，正在更新");
      }
    } else if (!this.kept) this.fallBack();
    this.tickCard?.();
    const due = this.fault !== null || !this.kept || endOf(this.kept) - serverNow(this.kept) < EARLY;
    if (due && Date.now() >= this.next) this.renew();
  }

  /**
   * Where the network doesn't answer, the code that was given ahead for this quarter of an hour.
   *
   * @returns {boolean} whether there is one, and it is shown
   */
  fallBack() {
    const answers = this.fault === null && navigator.onLine && Date.now() - this.began < SLOW;
    const code = this.kept || answers || !this.pack ? null : packs.codeNow(this.pack);
    if (!code) return false;
    this.kept = code;
    this.draw();
    announce(this.inWords());
    return true;
  }

  /** Have codes on the phone for when the network goes. @param {KeptCode} fresh */
  async stock(fresh) {
    if (me.known()?.consents.sensitive === false) {
      this.pack = null;
      return packs.forget(this.person.id);
    }
    this.pack = await packs.keepAhead(this.person.id, fresh);
  }

  async renew() {
    if (this.fetching) return;
    this.fetching = true;
    this.began = Date.now();
    const before = this.kept?.code.colour;
    try {
      const fresh = await fetchCode(this.person.id);
      this.kept = fresh;
      this.failures = 0;
      this.fault = null;
      this.draw();
      if (fresh.code.colour !== before) announce(this.inWords());
      this.stock(fresh);
    } catch (fault) {
      this.missed(fault);
    } finally {
      this.fetching = false;
    }
  }

  /** @param {unknown} fault */
  missed(fault) {
    if (fault instanceof SignedOut) return go("enter", { replace: true, notice: fault.message });
    const wait = PATIENCE[Math.min(this.failures, PATIENCE.length - 1)] ?? 0;
    this.failures += 1;
    this.next = Date.now() + wait;
    this.fault = fault instanceof Error ? fault : new Error(String(fault));
    // The server's word goes over what the phone remembers: a code that it refuses is shown no longer.
    if (fault instanceof Refused && fault.status < 500 && fault.status !== 429) {
      this.kept = this.pack = null;
      packs.forget(this.person.id);
    }
    if (!this.fallBack()) this.draw();
  }

  /** @type {Error | null} */
  fault = null;

  draw() {
    const again = () => this.renew();
    if (this.kept) {
      const card = codeCard(this.kept, this.fault !== null);
      this.tickCard = card.tick;
      this.place.replaceChildren(card.element);
    } else {
      this.tickCard = null;
      this.place.replaceChildren(this.fault ? endedCard(this.fault, again) : firstCard());
    }
  }

  /** What a person who can't read it hears. */
  inWords() {
    if (!this.kept) return "健康码还没有更新，请连上网络。";
    const { colour_name, fact, name_mask, last_four } = this.kept.code;
    const name = name_mask.replace(/\*+/g, "某");
    return `${name}，身份证尾号 ${last_four.split("").join(" ")}，${colour_name}。${fact}`;
  }
}
