// Pages by the fragment (#/declare), so that the phone's back button works and any page can be opened by its address.

import { announce, h } from "./dom.js";
import { frame } from "./frame.js";
import { Unreached } from "./http.js";
import { SignedOut } from "./session.js";

/** @typedef {import("../types.js").Page} Page */
/** @typedef {import("../types.js").View} View */

const SLOW = 300;

/** @type {Record<string, () => Promise<{page: Page}>>} */
let routes = {};
/** @type {(name: string) => Promise<string>} */
let gate = (name) => Promise.resolve(name);
/** @type {View | null} */
let standing = null;
let turn = 0;
let visits = 0;
let notice = "";

/**
 * Show the page that the address names, and each one that it comes to name.
 *
 * @param {Record<string, () => Promise<{page: Page}>>} pages
 * @param {(name: string) => Promise<string>} mayGo the page to show in place of a wanted one
 */
export function start(pages, mayGo) {
  routes = pages;
  gate = mayGo;
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#/")) show();
  });
  return show();
}

/**
 * @param {string} page such as "declare" or "message?id=…"
 * @param {{replace?: boolean, notice?: string}} [options] `notice` is shown on the page that comes
 */
export function go(page, options = {}) {
  notice = options.notice ?? "";
  const hash = `#/${page}`;
  if (location.hash === hash) return void show();
  if (options.replace) location.replace(hash);
  else location.hash = hash;
}

/** @param {string} text for the page that comes */
export function leaveNotice(text) {
  notice = text;
}

/** A word from the page before, once. */
export function takeNotice() {
  const text = notice;
  notice = "";
  return text;
}

/**
 * The page's address from what the server names it: "declare", "#/declare", "/w/#/declare".
 *
 * @param {string | null} page
 * @returns {string} empty when there is no such page here
 */
export function known(page) {
  const wanted = (page ?? "").replace(/^.*#/, "").replace(/^\/+(w\/)?/, "");
  return Object.hasOwn(routes, wanted.split("?")[0] ?? "") ? wanted : "";
}

function back() {
  if (visits > 1) history.back();
  else go("code", { replace: true });
}

/** Show the address's page, anew if it stands already. */
export async function show() {
  turn += 1;
  const mine = turn;
  const [wanted = "code", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const timer = setTimeout(() => mine === turn && place(waiting()), SLOW);
  /** @type {View} */
  let view;
  try {
    const name = Object.hasOwn(routes, wanted) ? wanted : "code";
    const allowed = await gate(name);
    if (mine !== turn) return;
    if (allowed !== wanted) return void replace(allowed);
    view = await open(name, query);
  } catch (fault) {
    if (fault instanceof SignedOut)
      return void (mine === turn && go("enter", { replace: true, notice: fault.message }));
    view = failed(fault);
  } finally {
    clearTimeout(timer);
  }
  if (mine === turn) arrive(view);
  else view.leave?.();
}

/** @param {string} page */
function replace(page) {
  const hash = `#/${page}`;
  if (location.hash === hash) return void show();
  location.replace(hash);
}

/**
 * @param {string} name
 * @param {string} query
 */
async function open(name, query) {
  const load = routes[name];
  if (!load) throw new Error(name);
  const { page } = await load();
  return page(new URLSearchParams(query));
}

/** @param {View} view */
function arrive(view) {
  visits += 1;
  place(view);
  document.title = `${view.title} · 灵活`;
  scrollTo(0, 0);
  document.querySelector("h1")?.focus({ preventScroll: true });
}

/** @param {View} view */
function place(view) {
  standing?.leave?.();
  standing = view;
  document.getElementById("app")?.replaceChildren(frame(view, back));
}

/** @returns {View} */
function waiting() {
  announce("正在加载");
  return {
    title: "请稍候",
    bare: true,
    first: true,
    body: [
      h(
        "div",
        { class: "weui-loadmore waiting" },
        h("span", { class: "weui-primary-loading" }, h("i", { class: "weui-primary-loading__dot" })),
        h("span", { class: "weui-loadmore__tips" }, "正在加载…"),
      ),
    ],
  };
}

/**
 * @param {unknown} fault
 * @returns {View}
 */
function failed(fault) {
  const offline = fault instanceof Unreached || fault instanceof TypeError;
  const text = fault instanceof Error && !(fault instanceof TypeError) ? fault.message : new Unreached().message;
  return {
    title: offline ? "没有网络" : "没有打开",
    body: [
      h("p", { class: "lead", role: "alert" }, text),
      h("button", { class: "weui-btn weui-btn_primary", type: "button", onclick: show }, "再试一次"),
      h("a", { class: "weui-btn weui-btn_default", href: "#/code" }, "回到健康码"),
    ],
  };
}
