// Where the phone is, asked once and only after the reason was shown. Browsers answer in WGS-84.

/** @typedef {import("../types.js").Position} Position */

const WIDEST = 100_000;
const OPTIONS = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 };

/** Whether the position may be read without asking. */
export async function positionAllowed() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}

/** @returns {Promise<Position>} */
export function readPosition() {
  return new Promise((found, failed) => {
    if (!("geolocation" in navigator)) return failed(new Error("这个手机不能提供位置。"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        found({
          lon: coords.longitude,
          lat: coords.latitude,
          accuracy: Math.min(WIDEST, Math.round(coords.accuracy)),
          datum: "wgs84",
        }),
      ({ code }) => failed(new Error(code === 1 ? "您没有允许使用位置。" : "一时找不到位置，可能在室内或信号不好。")),
      OPTIONS,
    );
  });
}
