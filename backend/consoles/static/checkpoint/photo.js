// A photo of a certificate on paper, beside a verdict: taken with the running camera, shrunk here, kept encrypted until
// the server has it and the scan to which it belongs; sent once by its own key.

import { h } from "./dom.js";
import { WEEK, waitingScans } from "./kept.js";
import { Offline, Refusal, sendPicture } from "./server.js";
import { KEYS, PHOTOS, transact } from "./vault.js";
import { stay } from "./verdict.js";

/** @typedef {import("./types.js").WaitingPhoto} WaitingPhoto */

const [LONGEST, LARGEST, QUALITIES] = [1600, 600_000, [0.85, 0.7, 0.5]];
const MOST = 3;

let waits = 0;

/** How many photos wait for a network, as last counted. */
export function waitingPhotos() {
  return waits;
}

/**
 * What stands beside the verdict for taking photos of one scan.
 *
 * @param {HTMLVideoElement} video the running camera
 * @param {string} scan the scan's own key
 * @param {string} operator
 * @param {() => void} changed
 */
export function photoPart(video, scan, operator, changed) {
  const said = h("p", { class: "photo__said", role: "status" });
  const place = h("div", { class: "photo__place" });
  const open = h("button", { class: "button", type: "button" }, "拍纸质证明");
  const file = h("input", {
    class: "unseen",
    type: "file",
    accept: "image/*",
    capture: "environment",
    id: "photo-file",
    "aria-label": "选一张纸质证明的照片",
  });
  let taken = 0;
  open.addEventListener("click", () => {
    stay();
    if (taken >= MOST) said.textContent = `一次查验最多拍 ${MOST} 张。`;
    else if (video.srcObject instanceof MediaStream) look(video.srcObject);
    else file.click();
  });
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    try {
      await keep(await createImageBitmap(chosen));
    } catch {
      said.textContent = "这个文件不是能打开的图片，请重新拍。";
    }
  });

  /** @param {MediaStream} stream */
  function look(stream) {
    const view = h("video", { class: "photo__view", playsinline: "", muted: "", "aria-label": "拍照画面" });
    view.muted = true;
    view.srcObject = stream;
    view.play().catch(() => undefined);
    const shoot = h("button", { class: "button button_main", type: "button" }, "拍照");
    const away = h("button", { class: "button", type: "button" }, "不拍了");
    shoot.disabled = true;
    view.addEventListener("playing", () => {
      shoot.disabled = false;
    });
    away.addEventListener("click", () => place.replaceChildren());
    shoot.addEventListener("click", () => confirm(drawn(view, view.videoWidth, view.videoHeight), stream));
    place.replaceChildren(view, shoot, away);
    shoot.focus({ preventScroll: true });
  }

  /**
   * @param {HTMLCanvasElement} picture
   * @param {MediaStream} stream
   */
  function confirm(picture, stream) {
    picture.className = "photo__view";
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", "拍下的照片");
    const use = h("button", { class: "button button_main", type: "button" }, "看得清，保存");
    const again = h("button", { class: "button", type: "button" }, "重拍");
    again.addEventListener("click", () => look(stream));
    use.addEventListener("click", async () => {
      use.disabled = true;
      await keep(picture);
    });
    place.replaceChildren(picture, use, again);
  }

  /** @param {HTMLCanvasElement | ImageBitmap} picture */
  async function keep(picture) {
    try {
      const blob = await shrunk(picture);
      await put({ key: crypto.randomUUID(), scan, operator, taken_at: Date.now() }, blob);
      taken += 1;
      place.replaceChildren();
      said.textContent = `已拍 ${taken} 张，正在保存…`;
      const refused = await uploadPhotos(operator);
      said.textContent =
        refused || (waits ? `已拍 ${taken} 张。没有网络：联网后自动上传。` : `已拍 ${taken} 张，已保存。`);
    } catch {
      said.textContent = "没有存下来：手机存储空间可能已满，请清理后重拍。";
    }
    changed();
  }

  return h("div", { class: "photo" }, open, file, place, said);
}

/**
 * Send what waits of this operator, each after its scan; a scan that the server will never have takes its photos along.
 *
 * @param {string} operator
 * @returns {Promise<string>} why the last one was refused for good; empty where none was
 */
export async function uploadPhotos(operator) {
  let refused = "";
  await navigator.locks.request("checkpoint.photos", async () => {
    const scans = new Set(waitingScans().map(({ request_key }) => request_key));
    const ripe = (await all()).filter((photo) => photo.operator === operator && !scans.has(photo.scan));
    for (const photo of ripe) {
      const said = await sent(photo);
      if (said === null) break;
      refused = said || refused;
      await transact("readwrite", PHOTOS, (table) => table.delete(photo.key));
    }
    await count();
  });
  return refused;
}

/**
 * @param {WaitingPhoto} photo
 * @returns {Promise<string | null>} empty once the server has it, why it never will, null while it waits
 */
async function sent(photo) {
  try {
    const waited = Math.max(0, Date.now() - photo.taken_at) / 1000;
    await sendPicture(`readings/${photo.scan}/photos/${photo.key}?waited=${waited}`, await opened(photo));
    return "";
  } catch (fault) {
    if (fault instanceof Offline) return null;
    if (!(fault instanceof Refusal)) return "照片打不开了，请重新拍。";
    return fault.status === 401 || fault.status === 403 ? null : `照片没有保存：${fault.message}`;
  }
}

/** Count what waits, for the line that is always in view; what waited too long is gone. */
export async function count() {
  try {
    for (const { key, taken_at } of await all())
      if (taken_at <= Date.now() - WEEK) await transact("readwrite", PHOTOS, (table) => table.delete(key));
    waits = Number(await transact("readonly", PHOTOS, (table) => table.count()));
  } catch {
    // A private window keeps nothing, so nothing waits.
    waits = 0;
  }
}

/**
 * @param {CanvasImageSource} image
 * @param {number} width
 * @param {number} height
 */
function drawn(image, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = h("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * A JPEG of at most 1,600 pixels and some hundred kilobytes; drawn anew, it carries neither place nor device.
 *
 * @param {HTMLCanvasElement | ImageBitmap} picture
 * @returns {Promise<Blob>}
 */
async function shrunk(picture) {
  const canvas = drawn(picture, picture.width, picture.height);
  let blob = null;
  for (const quality of QUALITIES) {
    blob = await new Promise((/** @type {(made: Blob | null) => void} */ made) =>
      canvas.toBlob(made, "image/jpeg", quality),
    );
    if (blob && blob.size <= LARGEST) break;
  }
  if (!blob) throw new Error("no picture");
  return blob;
}

/**
 * @param {{key: string, scan: string, operator: string, taken_at: number}} about
 * @param {Blob} blob
 */
async function put(about, blob) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(about.key) };
  const data = await crypto.subtle.encrypt(how, await secret(), await blob.arrayBuffer());
  await transact("readwrite", PHOTOS, (table) => table.put({ ...about, iv, data }, about.key));
  await count();
}

/** @param {WaitingPhoto} photo */
async function opened({ key, iv, data }) {
  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(key) };
  return new Blob([await crypto.subtle.decrypt(how, await secret(), data)], { type: "image/jpeg" });
}

/** @returns {Promise<WaitingPhoto[]>} the oldest first */
async function all() {
  const photos = /** @type {WaitingPhoto[]} */ (await transact("readonly", PHOTOS, (table) => table.getAll()));
  return photos.sort((a, b) => a.taken_at - b.taken_at);
}

/** @returns {Promise<CryptoKey>} this phone's own, which nobody can take out of the browser */
async function secret() {
  const known = await transact("readonly", KEYS, (table) => table.get(PHOTOS));
  if (known instanceof CryptoKey) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await transact("readwrite", KEYS, (table) => table.put(made, PHOTOS));
  return made;
}
