// The worker's client: reads what was handed over, signs in, and shows the page that the address names.

import * as agreed from "./core/agreed.js";
import { apply } from "./core/elder.js";
import { refreshBadge } from "./core/frame.js";
import { hasScanned, keepPosition, keepScanned, takeHanded } from "./core/handed.js";
import { send } from "./core/http.js";
import * as me from "./core/me.js";
import { go, known, leaveNotice, show, start } from "./core/router.js";
import { begin, session } from "./core/session.js";
import { onChange } from "./core/store.js";

/** @typedef {import("./types.js").Handed} Handed */
/** @typedef {import("./types.js").Tokens} Tokens */

const PAGES = {
  enter: () => import("./pages/enter.js"),
  consent: () => import("./pages/consent.js"),
  refused: () => import("./pages/refused.js"),
  register: () => import("./pages/register.js"),
  declare: () => import("./pages/declare.js"),
  code: () => import("./pages/code.js"),
  scan: () => import("./pages/scan.js"),
  position: () => import("./pages/position.js"),
  inbox: () => import("./pages/inbox.js"),
  message: () => import("./pages/message.js"),
  mine: () => import("./pages/mine.js"),
  people: () => import("./pages/people.js"),
  trips: () => import("./pages/trips.js"),
  vehicle: () => import("./pages/vehicle.js"),
  itinerary: () => import("./pages/itinerary.js"),
  journeys: () => import("./pages/journeys.js"),
  photos: () => import("./pages/photos.js"),
  readers: () => import("./pages/readers.js"),
  copy: () => import("./pages/copy.js"),
  cards: () => import("./pages/cards.js"),
  consents: () => import("./pages/consents.js"),
  appeals: () => import("./pages/appeals.js"),
  appeal: () => import("./pages/appeal.js"),
  facts: () => import("./pages/facts.js"),
  certificate: () => import("./pages/certificate.js"),
  help: () => import("./pages/help.js"),
};
const PATIENCE = 3_000;
const OPEN = new Set(["help", "refused"]);
const ABOUT_SOMEBODY = new Set([
  "code",
  "declare",
  "scan",
  "position",
  "trips",
  "vehicle",
  "itinerary",
  "journeys",
  "photos",
  "readers",
  "copy",
  "cards",
  "appeals",
  "appeal",
  "facts",
  "certificate",
]);

/**
 * One step after another: sign in, agree, say who one is. Whoever has done them goes where they like.
 *
 * @param {string} wanted
 */
async function gate(wanted) {
  if (OPEN.has(wanted)) return wanted;
  if (!session()) return "enter";
  const now = me.known() ?? (await me.load());
  if (!now.consents.basic) return "consent";
  if (wanted === "enter" || wanted === "consent") return "code";
  if (!ABOUT_SOMEBODY.has(wanted)) return wanted;
  if (now.people.length === 0) return "register";
  if (!me.current()) return "people";
  return hasScanned() && wanted === "code" ? "scan" : wanted;
}

/**
 * Use what was handed over.
 *
 * @param {Handed} handed
 * @returns {Promise<string>} what went wrong with signing in, for the page that comes
 */
async function use(handed) {
  if (handed.q) keepScanned(handed.q);
  if (handed.position) keepPosition(handed.position);
  const fault = handed.wx ? await signIn(handed.wx, handed.phone) : "";
  if (handed.agreed) agreed.keep(handed.agreed);
  if (session()) agreed.tell();
  return fault;
}

/**
 * A login code is good once; when it fails, an earlier sign-in of this phone goes on.
 *
 * @param {string} loginCode
 * @param {string} [phoneCode]
 */
async function signIn(loginCode, phoneCode) {
  try {
    const body = { login_code: loginCode, ...(phoneCode ? { phone_code: phoneCode } : {}) };
    await begin(/** @type {Tokens} */ (await send("POST", "/auth/wechat", { body })));
    await me.load();
    return "";
  } catch (fault) {
    return session() || !(fault instanceof Error) ? "" : fault.message;
  }
}

/** The shell changes the fragment to hand over what a native page found. */
async function receive() {
  if (location.hash === "" || location.hash.startsWith("#/")) return;
  const handed = takeHanded();
  const notice = await use(handed);
  if (handed.position) go("position", { notice });
  else go(handed.q ? "scan" : known(handed.page ?? "code"), { notice });
}

async function main() {
  apply();
  const handed = takeHanded();
  const account = session()?.account_id;
  const using = use(handed);
  // Who has signed in before needn't wait for a slow network: the code that is kept shows meanwhile.
  await (account ? Promise.race([using, new Promise((wake) => setTimeout(wake, PATIENCE))]) : using);
  addEventListener("hashchange", receive);
  addEventListener("me", refreshBadge);
  onChange("session", () => !session() && go("enter", { replace: true }));
  if (handed.page) history.replaceState(null, "", `#/${handed.page}`);
  if (!account) leaveNotice(await using);
  await start(PAGES, gate);
  using.then(() => account && session()?.account_id !== account && show());
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/w/service_worker.js").catch(() => undefined);
}

main();
