// Reading a QR code from the camera or from a picture.

import decodeQR from "/assets/qr/decode.js";

/**
 * @typedef {{detect: (image: ImageBitmapSource) => Promise<{rawValue: string}[]>}} Detector
 * @typedef {{BarcodeDetector?: {new (options: {formats: string[]}): Detector, getSupportedFormats: () => Promise<string[]>}}} Shapes
 */

const LONGEST = 800;
const PAUSE = 120;

/** The phone's own reader, where it has one that knows QR. */
async function ownDetector() {
  const own = /** @type {Shapes} */ (/** @type {unknown} */ (globalThis)).BarcodeDetector;
  try {
    if (own && (await own.getSupportedFormats()).includes("qr_code")) return new own({ formats: ["qr_code"] });
  } catch {
    // The other reader does.
  }
  return null;
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
  if (!context) throw new Error("这个浏览器不能读图片，请输入码下面的编号。");
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
  if (!text) throw new Error("图片里没有找到二维码。请拍清楚一些，让码占满图片，或输入码下面的编号。");
  return text;
}

/** Whether the camera may be used without asking. */
export async function cameraAllowed() {
  try {
    const answer = await navigator.permissions.query({ name: /** @type {PermissionName} */ ("camera") });
    return answer.state === "granted";
  } catch {
    return false;
  }
}

/**
 * Look through the camera until a code is seen.
 *
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} seen called once
 * @returns {Promise<() => void>} stop looking
 */
export async function watch(video, seen) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("这里用不了摄像头。请从相册选图片，或输入码下面的编号。");
  const stream = await openCamera();
  video.srcObject = stream;
  await video.play();
  const detector = await ownDetector();
  let looking = true;
  const stop = () => {
    looking = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  (async () => {
    while (looking) {
      const text = video.videoWidth ? await look(video, detector) : "";
      if (text && looking) {
        stop();
        seen(text);
      }
      await new Promise((wake) => setTimeout(wake, PAUSE));
    }
  })();
  return stop;
}

async function openCamera() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch (fault) {
    const refused = fault instanceof DOMException && fault.name === "NotAllowedError";
    throw new Error(
      refused
        ? "您没有允许使用摄像头。不要紧，请从相册选图片，或输入码下面的编号。"
        : "摄像头打不开，可能别的应用正在用。请从相册选图片，或输入码下面的编号。",
    );
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {Detector | null} detector
 */
async function look(video, detector) {
  if (!detector) return decode(pixels(video, video.videoWidth, video.videoHeight), 60);
  try {
    return (await detector.detect(video))[0]?.rawValue ?? "";
  } catch {
    return "";
  }
}
