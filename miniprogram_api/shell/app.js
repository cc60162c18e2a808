// The native shell: what WeChat gives to native pages alone (login codes, phone-number codes, scanning, positions,
// message consents) is handed to the worker's pages in the web-view's fragment, which no server's log sees.

/** @type {import("./shell.js").Shell} */
const shell = { handed: {} };

App(shell);
