/** Choosing a roster by its button or by dropping it on the page; then it can be sent. */

const form = document.getElementById("drop");
const input = document.getElementById("file");
const chosen = document.getElementById("chosen");
const send = document.getElementById("send");

function tell() {
  const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
  if (chosen) chosen.textContent = file ? `${file.name}（${Math.max(1, Math.round(file.size / 1024))} KB）` : "";
  if (send instanceof HTMLButtonElement) {
    send.disabled = file === undefined;
    send.classList.toggle("btn-primary", file !== undefined);
  }
  document.getElementById("choose")?.classList.toggle("btn-primary", file === undefined);
}

if (form instanceof HTMLFormElement && input instanceof HTMLInputElement) {
  input.addEventListener("change", tell);
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("drop-over", name === "dragover");
    });
  }
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    tell();
  });
}
