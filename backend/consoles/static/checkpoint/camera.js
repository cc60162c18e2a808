// The camera looks for codes all the time; the same code in view is one code until it leaves the view.

import decodeQR from "/assets/qr/decode.js";

/**
 * @typedef {{detect: (image: ImageBitmapSource) => Promise<{rawValue: string}[]>}} Detector
 * @typedef {{BarcodeDetector?: {new (options: {formats: string[]}): Detector, getSupportedFormats: () => Promise<string[]>}}} Own
 */

const LONGEST = 800;
const PAUSE = 100;
/** So long nothing was seen: the next code is another person's, or the same one shown again on purpose. */
const GONE = 1500;

export class Camera {
  paused = false;
  last = "";
  lastAt = 0;
  /** @type {MediaStream | null} */
  stream = null;

  /**
   * @param {HTMLVideoElement} video
   * @param {(text: string) => void} seen
   */
  constructor(video, seen) {
    this.video = video;
    this.seen = seen;
  }

  /** Throws an Error with a Chinese sentence when it can't be opened. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new Error("这里用不了摄像头，请用扫码枪、选图片或手动输入。");
    this.stream = await permitted();
    this.video.srcObject = this.stream;
    await this.video.play();
    this.look(await ownDetector());
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  /** @param {Detector | null} detector */
  async look(detector) {
    while (this.stream) {
      const text = this.video.videoWidth > 0 ? await detect(this.video, detector) : "";
      if (text) this.found(text);
      await new Promise((wake) => setTimeout(wake, PAUSE));
    }
  }

  /** @param {string} text */
  found(text) {
    const now = Date.now();
    const again = text === this.last && now - this.lastAt < GONE;
    this.lastAt = now;
    if (again || this.paused) return;
    this.last = text;
    this.seen(text);
  }
}

async function permitted() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 } },
      audio: false,
    });
  } catch (fault) {
    const refused = fault instanceof DOMException && fault.name === "NotAllowedError";
    throw new Error(
      refused
        ? "没有允许使用摄像头。请在浏览器设置里允许，或用扫码枪、选图片。"
        : "摄像头打不开，可能别的应用正在用。请用扫码枪、选图片或手动输入。",
    );
  }
}

/** The phone's own reader, where it has one that knows QR. */
async function ownDetector() {
  const own = /** @type {Own} */ (/** @type {unknown} */ (globalThis)).BarcodeDetector;
  try {
    if (own && (await own.getSupportedFormats()).includes("qr_code")) return new own({ formats: ["qr_code"] });
  } catch {
    // The other reader does.
  }
  return null;
}

/**
 * @param {HTMLVideoElement} video
 * @param {Detector | null} detector
 */
async function detect(video, detector) {
  if (!detector) return decode(pixels(video, video.videoWidth, video.videoHeight), 60);
  try {
    return (await detector.detect(video))[0]?.rawValue ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {CanvasImageSource} image
 * @param {number} width
 * @param {number} height
 */
function pixels(image, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("这个浏览器不能读图片，请用扫码枪或手动输入。");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * @param {ImageData} image
 * @param {number} patience milliseconds
 * @returns {string} empty when there is no code
 */
function decode(image, patience) {
  try {
    return decodeQR(image, { timeLimit: patience });
  } catch {
    return "";
  }
}

/**
 * The text of the code in a picture.
 *
 * @param {Blob} file
 */
export async function readPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error("这个文件不是能打开的图片，请换一张。");
  }
  const detector = await ownDetector();
  const found = detector ? (await detector.detect(bitmap))[0]?.rawValue : "";
  const text = found || decode(pixels(bitmap, bitmap.width, bitmap.height), 2000);
  if (!text) throw new Error("图片里没有找到二维码。请拍清楚一些，让码占满图片。");
  return text;
}
