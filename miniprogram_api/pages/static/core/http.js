// One request to /api/v1, and the two ways in which it can fail.

const BASE = "/api/v1";
const PATIENCE = 15_000;
const PATIENCE_FOR_FILES = 120_000;
const BROKEN = "服务暂时不可用，请过一会儿再试。";

/** The server refused, with a sentence that says what to do. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {Record<string, string>} fields
   */
  constructor(status, code, message, fields) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

/** Nothing was heard: no network, or too slow a one. */
export class Unreached extends Error {
  constructor() {
    super("没有连上网络。请检查手机信号或无线网，再试一次。");
  }
}

/**
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path below /api/v1
 * @param {{body?: unknown, token?: string, key?: string}} [options] `key` makes a repeated request one; a
 *   file is sent as it is
 * @returns {Promise<unknown>} the answer's JSON, null when it has none
 */
export async function send(method, path, { body, token, key } = {}) {
  const headers = new Headers({ Accept: "application/json" });
  const file = body instanceof Blob;
  if (body !== undefined) headers.set("Content-Type", file ? "application/octet-stream" : "application/json");
  if (token) headers.set("Authorization", `Bearer ${token}`);
  if (key) headers.set("Idempotency-Key", key);
  const watch = new AbortController();
  const timer = setTimeout(() => watch.abort(), file ? PATIENCE_FOR_FILES : PATIENCE);
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: (file ? body : JSON.stringify(body)) ?? null,
      cache: "no-store",
      credentials: "omit",
      signal: watch.signal,
    });
    const answer = response.status === 204 ? null : await read(response);
    if (!response.ok) throw refusal(response.status, answer);
    return answer;
  } catch (fault) {
    throw fault instanceof Refused ? fault : new Unreached();
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Response} response */
async function read(response) {
  const text = await response.text();
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    throw new Refused(response.ok ? 502 : response.status, "unreadable", BROKEN, {});
  }
}

/**
 * @param {number} status
 * @param {unknown} answer
 */
function refusal(status, answer) {
  const { error } = /** @type {{error?: {code?: string, message?: string, fields?: Record<string, string>}}} */ (
    answer ?? {}
  );
  return new Refused(status, error?.code ?? "unknown", error?.message ?? BROKEN, error?.fields ?? {});
}
