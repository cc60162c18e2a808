// The mini program around this page, if there is one. Its own JS SDK does nothing but this call of the bridge.

/**
 * @typedef {{invoke: (name: string, args: object, done: () => void) => void}} Bridge
 * @typedef {{WeixinJSBridge?: Bridge, __wxjs_environment?: string}} WeChatWindow
 */

const host = /** @type {WeChatWindow} */ (/** @type {unknown} */ (window));

/** Whether a mini program's web-view shows this page. */
export function inMiniProgram() {
  return host.__wxjs_environment === "miniprogram" || /miniProgram/i.test(navigator.userAgent);
}

/**
 * Open a native page of the mini program; what it finds comes back in the fragment.
 *
 * @param {"scan" | "position" | "messages"} page
 * @param {Record<string, string>} [query]
 */
export function openNative(page, query = {}) {
  const url = `/pages/${page}/${page}?${new URLSearchParams(query)}`;
  host.WeixinJSBridge?.invoke("invokeMiniProgramAPI", { name: "navigateTo", arg: { url } }, () => undefined);
}
