// Who is signed in. The refresh token is good for one use, so that all tabs together may renew only once at a time.

import { Refused, send } from "./http.js";
import * as locker from "./locker.js";
import * as store from "./store.js";
import * as vault from "./vault.js";

/** @typedef {import("../types.js").Session} Session */
/** @typedef {import("../types.js").Refresh} Refresh */
/** @typedef {import("../types.js").Tokens} Tokens */

const NAME = "session";
const REFRESH = "refresh";
const EARLY = 30_000;
const REFUSED = new Set([400, 401, 403, 404, 422]);

/** The sign-in is over; the person has to sign in again. */
export class SignedOut extends Error {
  constructor() {
    super("登录已过期，请重新登录。");
  }
}

/** @returns {Session | null} */
export function session() {
  return /** @type {Session | null} */ (store.get(NAME));
}

/**
 * Begin a session. Another account's data goes first.
 *
 * @param {Tokens} tokens
 */
export async function begin(tokens) {
  if (session()?.account_id !== tokens.account.id) {
    await locker.wipe();
    store.forgetAll();
  }
  await keep(tokens);
}

/** @param {Tokens} tokens */
async function keep(tokens) {
  /** @type {Session} */
  const kept = {
    access_token: tokens.access_token,
    ends: Date.now() + tokens.expires_in * 1000,
    account_id: tokens.account.id,
  };
  await vault.write(REFRESH, { ...kept, refresh_token: tokens.refresh_token });
  store.set(NAME, kept);
  return kept.access_token;
}

/** Sign out here and at the server; without a network the server's part ends by itself. */
export async function end() {
  const ended = await held();
  await forget();
  if (!ended) return;
  try {
    await send("POST", "/auth/logout", { body: { refresh_token: ended.refresh_token } });
  } catch {
    // The phone has forgotten the tokens already.
  }
}

async function forget() {
  await vault.write(REFRESH, null);
  await locker.wipe();
  store.forgetAll();
}

/** @returns {Promise<Refresh | null>} */
async function held() {
  return /** @type {Refresh | null} */ (await vault.read(REFRESH));
}

/**
 * An access token that is good for the next half minute.
 *
 * Refuses: SignedOut.
 */
export function token() {
  const now = session();
  if (!now) throw new SignedOut();
  return now.ends - EARLY > Date.now() ? now.access_token : renew(now.access_token);
}

/**
 * Another access token in place of a stale one. Whoever holds the lock asks the server; all others, in this tab or
 * the next, find its answer in the vault.
 *
 * @param {string} stale
 * @returns {Promise<string>}
 */
export function renew(stale) {
  return alone(async () => {
    const last = await held();
    if (!last) {
      store.forgetAll();
      throw new SignedOut();
    }
    const { refresh_token, ...known } = last;
    if (known.access_token !== stale && known.ends - EARLY > Date.now()) {
      store.set(NAME, known);
      return known.access_token;
    }
    try {
      return await keep(/** @type {Tokens} */ (await send("POST", "/auth/refresh", { body: { refresh_token } })));
    } catch (fault) {
      if (!(fault instanceof Refused && REFUSED.has(fault.status))) throw fault;
      await forget();
      throw new SignedOut();
    }
  });
}

/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/**
 * @param {() => Promise<string>} work
 * @returns {Promise<string>}
 */
function alone(work) {
  if ("locks" in navigator) return navigator.locks.request("linghuo.refresh", work);
  const turn = queue.then(work);
  queue = turn.catch(() => null);
  return turn;
}
