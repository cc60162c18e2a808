/** The form for a place: fill in where the clerk stands, as the browser says it (WGS-84). */

const button = document.getElementById("locate");
const told = document.getElementById("located");

/** @param {string} text */
function say(text) {
  if (told) told.textContent = text;
}

/**
 * @param {string} id
 * @param {string} value
 */
function fill(id, value) {
  const field = document.getElementById(id);
  if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
}

button?.addEventListener("click", () => {
  say("正在定位…");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      fill("lon", coords.longitude.toFixed(6));
      fill("lat", coords.latitude.toFixed(6));
      fill("datum", "wgs84");
      say(`已填入，误差约 ${Math.round(coords.accuracy)} 米。`);
    },
    () => say("没有定位成功，请手工填写经纬度。"),
    { enableHighAccuracy: true, timeout: 15_000 },
  );
});
