// The form by which a phone becomes a temporary officer's: the key is made when the form goes off, and stays here.

import { makeKey } from "./device.js";
import { byId } from "./dom.js";

const form = document.getElementById("join");
if (form instanceof HTMLFormElement) {
  form.addEventListener("submit", async (event) => {
    const field = byId("device_key", HTMLInputElement);
    const button = event.submitter;
    if (field.value || (button instanceof HTMLButtonElement && button.hasAttribute("formaction"))) return;
    event.preventDefault();
    try {
      field.value = await makeKey();
      form.requestSubmit(button);
    } catch {
      byId("unfit", HTMLElement).hidden = false;
    }
  });
}
