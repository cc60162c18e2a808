/** What all console pages share: the menu on small screens, dialogs, lists that fail to load. */

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
  document.addEventListener(name, () => {
    const failed = byId("failed");
    if (failed) failed.hidden = false;
  });
}
document.addEventListener("htmx:afterRequest", (event) => {
  const failed = byId("failed");
  if (failed && event instanceof CustomEvent && event.detail.successful) failed.hidden = true;
});

for (const dialog of document.querySelectorAll("dialog[data-open]")) {
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}
