// The colour's shape and the code's drawing. A colour is never told by colour alone.

import encodeQR from "/assets/qr/index.js";
import { svg } from "../core/dom.js";

/** @typedef {import("../types.js").Colour} Colour */

const QUIET = 4;

/** Circle, triangle, square; a dashed circle where there is no colour. */
const SHAPES = {
  green: () => svg("circle", { cx: 12, cy: 12, r: 11 }),
  yellow: () => svg("path", { d: "M12 1.5 23.5 22H.5z" }),
  red: () => svg("rect", { x: 1, y: 1, width: 22, height: 22, rx: 1 }),
  grey: () => svg("circle", { cx: 12, cy: 12, r: 10, class: "shape__dashed" }),
};

/** @param {Colour} colour */
export function shape(colour) {
  return svg("svg", { viewBox: "0 0 24 24", class: `shape colour_${colour}`, "aria-hidden": "true" }, SHAPES[colour]());
}

/**
 * A QR of ISO 18004 at level M with its quiet zone, dark on pure white.
 *
 * @param {string} text upper-case base45 fits the alphanumeric mode
 * @param {string} [label]
 */
export function qrCode(text, label = "健康码二维码，请查验员扫描") {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  const size = rows.length;
  return svg(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, class: "qr", role: "img", "aria-label": label },
    svg("rect", { width: size, height: size, class: "qr__paper" }),
    svg("path", { d: rows.map(line).join(""), class: "qr__ink" }),
  );
}

/**
 * A row's runs of dark modules.
 *
 * @param {boolean[]} row
 * @param {number} y
 */
function line(row, y) {
  let path = "";
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x += 1;
    path += `M${start} ${y}h${x - start + 1}v1H${start}z`;
  }
  return path;
}
