// The endpoints below /checkpoint/api/. A refusal is an answer; no answer is `Offline`.

export const PATIENCE = 5000;

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
  const response = await send(path, body);
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
  /** @type {RequestInit} */
  const init = { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
  if (body !== undefined) {
    init.method = "POST";
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(`/checkpoint/api/${path}`, init);
  } catch {
    throw new Offline();
  }
}

/** Go to the sign-in, and come back here. */
export function signIn() {
  location.assign("/console/sign-in?next=%2Fcheckpoint%2F");
}
