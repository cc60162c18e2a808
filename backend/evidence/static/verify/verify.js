// The page: reads a proof from the address's fragment or from a file, checks it here, and says what was found.

import { Malformed, toHex } from "./bytes.js";
import { check } from "./check.js";
import { byId, h } from "./dom.js";
import { canCheck } from "./note.js";
import { picture } from "./picture.js";
import { asksNobody, inWords, parsePolicy } from "./policy.js";
import { inOrder, loadWords, nameField, nameKind, nameValue, shownTime } from "./words.js";

/**
 * @typedef {import("./canonical.js").Json} Json
 * @typedef {import("./check.js").Check} Check
 * @typedef {import("./check.js").Finding} Finding
 * @typedef {import("./policy.js").Policy} Policy
 */

const LARGEST = 4_000_000;
const MARKS = /** @type {const} */ ([
  ["no", "✗", "不通过"],
  ["yes", "✓", "通过"],
  ["none", "○", "没有"],
]);

const verdict = byId("verdict", HTMLElement);
const findings = byId("findings", HTMLElement);

/** @type {Policy | null} */
let policy = null;
let proof = "";

async function start() {
  if (!globalThis.crypto?.subtle) {
    return refuse("这个页面要用 https 打开", "浏览器只在安全连接下提供验证签名的功能。请换用 https:// 开头的地址。");
  }
  if (!(await canCheck())) {
    const newer = "需要 Chrome 或 Edge 137、Safari 17、Firefox 129 以上版本。也可以用电脑上的离线验证程序。";
    return refuse("这个浏览器验证不了签名", `它不支持 Ed25519 签名，无法下结论。${newer}`);
  }
  await loadWords().catch(() => undefined);
  try {
    const answer = await fetch("policy", { cache: "no-cache" });
    if (!answer.ok) throw new Error(String(answer.status));
    await believe(await answer.text(), "本页所在的服务器给出的策略");
  } catch {
    showPolicy("没有读到见证策略", "可能是网络断了。请重新打开本页，或选择您自己的策略文件。");
  }
  byId("tools", HTMLElement).hidden = false;
  return readAddress();
}

function readAddress() {
  const fragment = window.location.hash.slice(1);
  return fragment ? run(fragment) : ask();
}

function ask() {
  show("ask", "请选择证明文件", "扫描存证二维码会自动开始验证；也可以选择或拖入收到的证明文件。");
  findings.hidden = true;
}

/**
 * @param {string} text a policy
 * @param {string} source whose it is, in words
 */
async function believe(text, source) {
  policy = await parsePolicy(text);
  const logs = policy.logs.map(({ name }) => name).join("、");
  showPolicy(`${source}：${inWords(policy)}`, `认可的日志：${logs || "没有"}。`, text);
}

/**
 * @param {string} title
 * @param {string} line
 * @param {string} [text]
 */
function showPolicy(title, line, text = "") {
  byId("policy", HTMLElement).replaceChildren(
    h("p", { class: "policy-rule" }, title),
    h("p", {}, line),
    ...(text ? [h("details", {}, h("summary", {}, "策略原文与公钥"), h("pre", {}, text))] : []),
  );
}

/** @param {string} text a proof */
async function run(text) {
  proof = text;
  if (!policy) return refuse("没有见证策略，无法验证", "请联网重新打开本页，或先选择您自己的策略文件。");
  refuse("正在核对", "通常不到一秒。");
  const finding = await check(text, policy).catch(() => null);
  if (text !== proof) return;
  if (!finding) return refuse("没有验证成功", "这个浏览器处理不了这份证明，没有结论。请换一台设备，或用离线验证程序。");
  const failed = finding.checks.find(({ right }) => right === false);
  const backing = asksNobody(policy) ? "但策略不要求见证：只有日志自己的签名。" : "并且有足够的见证。";
  if (finding.proven) show("yes", "证明成立", `这条记录在日志里，没有被改过，${backing}`);
  else show("no", "证明不成立", failed?.said ?? "");
  showFinding(finding);
}

/** @param {Finding} finding */
function showFinding({ proven, checks, proof: read, checkpoint, leaf, steps }) {
  findings.hidden = false;
  byId("checks", HTMLElement).replaceChildren(...checks.map(checkLine));
  byId("record-part", HTMLElement).hidden = !read;
  byId("path-part", HTMLElement).hidden = !leaf || !checkpoint;
  if (read) {
    const { id, kind, content } = read.opening;
    byId("record", HTMLElement).replaceChildren(
      ...(proven ? [] : [h("p", { class: "doubt" }, "验证没有通过，下面的内容不可信。")]),
      h("dl", {}, ...fact("种类", nameKind(kind)), ...fact("编号", id), ...fact("写下时间", writtenAt(id))),
      h("h3", {}, "内容"),
      tree(kind, content),
    );
  }
  if (leaf && checkpoint) {
    const lines = steps.map(({ sibling, siblingLeft }) =>
      h("li", {}, `与${siblingLeft ? "左" : "右"}边的邻居合并：`, h("code", {}, toHex(sibling))),
    );
    byId("path", HTMLElement).replaceChildren(
      picture(steps, leaf, checkpoint.root),
      h(
        "details",
        {},
        h("summary", {}, "逐步列出"),
        h("ol", {}, ...lines),
        h("p", {}, "树根：", h("code", {}, toHex(checkpoint.root))),
      ),
    );
  }
}

/** @param {Check} finding */
function checkLine({ name, right, said }) {
  const [look, mark, word] = right === null ? MARKS[2] : MARKS[right ? 1 : 0];
  return h(
    "li",
    { class: `check check-${look}` },
    h("span", { class: "mark", "aria-hidden": "true" }, mark),
    h("div", {}, h("strong", {}, `${name}：${word}`), h("p", {}, said)),
  );
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return [h("dt", {}, name), h("dd", {}, value)];
}

/** @param {string} id UUIDv7 (RFC 9562), whose first 48 bits are milliseconds since the epoch */
function writtenAt(id) {
  return shownTime(new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)));
}

/**
 * @param {string} kind
 * @param {Json} value
 * @returns {HTMLElement}
 */
function tree(kind, value) {
  if (Array.isArray(value)) {
    return h("ol", { class: "tree" }, ...value.map((each) => h("li", {}, tree(kind, each))));
  }
  if (value !== null && typeof value === "object") {
    const rows = inOrder(kind, Object.keys(value)).flatMap((name) => [
      h("dt", {}, nameField(kind, name)),
      h("dd", {}, tree(kind, value[name] ?? null)),
    ]);
    return h("dl", { class: "tree" }, ...rows);
  }
  if (typeof value === "boolean") return h("span", {}, value ? "是" : "否");
  return h("span", {}, value === null || value === "" ? "（空）" : nameValue(kind, String(value)));
}

/**
 * @param {string} title
 * @param {string} line
 */
function refuse(title, line) {
  show("none", title, line);
  findings.hidden = true;
}

/**
 * @param {"ask" | "yes" | "no" | "none"} look
 * @param {string} title
 * @param {string} line
 */
function show(look, title, line) {
  const mark = { ask: "…", yes: "✓", no: "✗", none: "!" }[look];
  verdict.className = `verdict verdict-${look}`;
  verdict.replaceChildren(
    h("span", { class: "mark", "aria-hidden": "true" }, mark),
    h("div", {}, h("h2", {}, title), h("p", {}, line)),
  );
}

/** @param {File | undefined | null} file */
async function open(file) {
  if (!file) return;
  if (file.size > LARGEST) return refuse("文件太大", "存证证明只有几千字节，请确认选对了文件。");
  await run(await file.text());
}

/** @param {File | undefined | null} file */
async function openPolicy(file) {
  if (!file) return;
  try {
    await believe(await file.text(), `您选择的策略文件“${file.name}”`);
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    policy = null;
    showPolicy("您选择的策略文件读不懂", fault.message);
  }
  if (proof) await run(proof);
}

/**
 * @param {string} id
 * @param {(file: File | undefined | null) => Promise<void>} use
 */
function onPick(id, use) {
  const input = byId(id, HTMLInputElement);
  input.addEventListener("change", async () => {
    await use(input.files?.[0]);
    input.value = "";
  });
}

onPick("file", open);
onPick("own-policy", openPolicy);
window.addEventListener("hashchange", readAddress);
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  open(event.dataTransfer?.files[0]);
});
byId("print", HTMLButtonElement).addEventListener("click", () => window.print());
start();
