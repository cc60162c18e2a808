/** A receiver's page: the field to sign in, and the list that others tick at the same time. */

const AGAIN_MS = 5000;

/** @param {HTMLFormElement} form */
function signsIn(form) {
  const canvas = form.querySelector("canvas");
  const field = form.elements.namedItem("strokes");
  const pen = canvas?.getContext("2d");
  if (!canvas || !pen || !(field instanceof HTMLInputElement)) return;
  /** @type {number[][][]} */
  let strokes = [];
  let drawing = false;
  Object.assign(pen, { lineWidth: 4, lineCap: "round", lineJoin: "round" });

  /** @param {PointerEvent} event */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * canvas.width);
    const y = Math.round(((event.clientY - box.top) / box.height) * canvas.height);
    return [Math.min(Math.max(x, 0), canvas.width), Math.min(Math.max(y, 0), canvas.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    strokes.push([place(event)]);
  });
  canvas.addEventListener("pointermove", (event) => {
    const stroke = strokes.at(-1);
    if (!drawing || !stroke) return;
    const [x = 0, y = 0] = place(event);
    const [lastX = 0, lastY = 0] = stroke.at(-1) ?? [];
    if (x === lastX && y === lastY) return;
    stroke.push([x, y]);
    pen.beginPath();
    pen.moveTo(lastX, lastY);
    pen.lineTo(x, y);
    pen.stroke();
  });
  const lift = () => {
    drawing = false;
    field.value = JSON.stringify(strokes);
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  form.querySelector("[data-clear]")?.addEventListener("click", () => {
    strokes = [];
    field.value = "";
    pen.clearRect(0, 0, canvas.width, canvas.height);
  });
}

for (const form of document.querySelectorAll("form[data-signature]")) {
  if (form instanceof HTMLFormElement) signsIn(form);
}

// A refusal is shown in the list, like its answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!(event instanceof CustomEvent) || ![409, 422, 429].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

// Not while somebody writes a reason into the list.
window.setInterval(() => {
  const list = document.getElementById("list");
  if (document.visibilityState !== "visible" || !list || list.querySelector("details[open]")) return;
  list.dispatchEvent(new Event("again"));
}, AGAIN_MS);
