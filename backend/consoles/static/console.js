/** What all console pages share: the menu on small screens, dialogs, lists that fail to load. */

const BUSY = 503;
const SHED = "现在使用的人很多，统计稍后自动再读；上面的情况不受影响。";
const UNREAD = "没有读到数据，可能是网络断了。";

/** @param {string} id */
function byId(id) {
  return document.getElementById(id);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("button, a") : null;
  if (!(target instanceof HTMLElement)) return;
  const { toggle, opens, closes, print, reload } = target.dataset;
  if (toggle !== undefined) {
    const open = byId(toggle)?.classList.toggle("show") ?? false;
    target.setAttribute("aria-expanded", String(open));
  }
  if (opens !== undefined) {
    const dialog = byId(opens);
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
  }
  if (closes !== undefined) target.closest("dialog")?.close();
  if (print !== undefined) window.print();
  if (reload !== undefined) window.location.reload();
});

/** Boxes at a vehicle's door: when each was ticked, by this phone's clock; without a network the page keeps them. */
document.addEventListener("change", (event) => {
  const box = event.target;
  const form = box instanceof HTMLInputElement && box.type === "checkbox" ? box.form : null;
  if (!form || form.dataset.ticks === undefined || !(box instanceof HTMLInputElement)) return;
  const noted = form.elements.namedItem(box.name.replace("boarded_", "at_"));
  if (noted instanceof HTMLInputElement) noted.value = box.checked ? new Date().toISOString() : "";
});
/** One box for all of a name. */
document.addEventListener("change", (event) => {
  const all = event.target instanceof HTMLInputElement ? event.target : null;
  if (!all?.form || all.dataset.all === undefined) return;
  for (const box of all.form.elements) {
    if (box instanceof HTMLInputElement && box.name === all.dataset.all) box.checked = all.checked;
  }
});
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.ticks === undefined) return;
    const now = form.elements.namedItem("phone_now");
    if (now instanceof HTMLInputElement) now.value = new Date().toISOString();
    const told = form.querySelector("[data-no-network]");
    if (told instanceof HTMLElement) told.hidden = navigator.onLine;
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

/** A form is sent once: a second click while the answer is on its way does nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || form.dataset.again !== undefined) return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

/** Filters that are not set stay out of the address. */
document.addEventListener("htmx:configRequest", (event) => {
  if (!(event instanceof CustomEvent) || event.detail.verb !== "get") return;
  const { parameters } = event.detail;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const failed = byId("failed");
    if (failed) failed.hidden = false;
    const answer = event instanceof CustomEvent ? event.detail.xhr : null;
    const told = failed?.querySelector("span");
    if (told instanceof HTMLElement) {
      told.dataset.usual ??= told.textContent || UNREAD;
      told.textContent = answer?.status === BUSY ? SHED : told.dataset.usual;
    }
    if (answer?.status === BUSY) setTimeout(askAgain, retryAfter(answer), event.target);
  });
}
/** An extra that gave way under load asks again by itself. @param {unknown} part */
function askAgain(part) {
  if (part instanceof Element) part.dispatchEvent(new Event("again"));
}
/** @param {XMLHttpRequest} answer */
function retryAfter(answer) {
  return 1000 * (Number(answer.getResponseHeader("Retry-After")) || 5);
}
document.addEventListener("htmx:afterRequest", (event) => {
  const failed = byId("failed");
  if (failed && event instanceof CustomEvent && event.detail.successful) failed.hidden = true;
});

/** On a phone the row of tabs scrolls: the page's own is in sight. */
document.querySelector(".tabs .active")?.scrollIntoView({ block: "nearest", inline: "center" });

for (const dialog of document.querySelectorAll("dialog[data-open]")) {
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}
