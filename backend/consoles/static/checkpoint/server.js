// The endpoints below /checkpoint/api/. A refusal is an answer; no answer is `Offline`.

import { proof } from "./device.js";

export const PATIENCE = 5000;
const PICTURE_PATIENCE = 60_000;

/** The server can't be reached, or is overloaded: worth another try later. What it said of that is the message. */
export class Offline extends Error {}

/** The server refused, in its own Chinese sentence. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @template T
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<T>}
 */
export async function ask(path, body) {
  return answerOf(await send(path, body));
}

/**
 * Send a picture as it is; on a bad network that takes its time.
 *
 * @param {string} path
 * @param {Blob} picture
 */
export async function sendPicture(path, picture) {
  return answerOf(await send(path, picture));
}

/** @param {Response} response */
async function answerOf(response) {
  if (response.redirected || !response.headers.get("Content-Type")?.startsWith("application/json")) {
    if (response.status < 500) throw new Refusal(401, "请先登录，并选择所在的卡口。");
    throw new Offline();
  }
  const answer = await response.json();
  if (response.ok) return answer;
  if (response.status >= 500 || response.status === 429) throw new Offline(answer?.error?.message ?? "");
  throw new Refusal(response.status, answer?.error?.message ?? "服务器没有接受，请重新扫描。");
}

/**
 * @param {string} path
 * @param {unknown} body
 */
async function send(path, body) {
  const picture = body instanceof Blob;
  /** @type {RequestInit} */
  const init = { cache: "no-store", signal: AbortSignal.timeout(picture ? PICTURE_PATIENCE : PATIENCE) };
  const address = `/checkpoint/api/${path}`;
  if (body !== undefined) {
    init.method = "POST";
    init.headers = { "Content-Type": picture ? body.type : "application/json" };
    init.body = picture ? body : JSON.stringify(body);
  }
  if (!picture) {
    const signed = await proof(init.method ?? "GET", address, typeof init.body === "string" ? init.body : "");
    init.headers = { ...init.headers, ...signed };
  }
  try {
    return await fetch(address, init);
  } catch {
    throw new Offline();
  }
}

/** Go to the sign-in, and come back here. */
export function signIn() {
  location.assign("/console/sign-in?next=%2Fcheckpoint%2F");
}
