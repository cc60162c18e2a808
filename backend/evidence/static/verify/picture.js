// The path of a proof as a picture: the record at the foot, its neighbours beside it, the root on top.

import { toHex } from "./bytes.js";
import { s } from "./dom.js";

/** @typedef {import("./merkle.js").Step} Step */

const [WIDTH, ROW, TOP] = [340, 58, 8];
const [BOX, HEIGHT, MIDDLE, ASIDE] = [104, 34, 170, 118];
const SHOWN = 8;

/**
 * @param {Step[]} steps
 * @param {Uint8Array} leaf
 * @param {Uint8Array} root
 * @returns {SVGSVGElement}
 */
export function picture(steps, leaf, root) {
  const height = TOP * 2 + HEIGHT + steps.length * ROW;
  const said = `从记录出发，依次与 ${steps.length} 个邻居合并，得到树根。`;
  const drawing = s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "picture", role: "img" }, s("title", {}, said));
  const lines = s("g", { class: "picture-lines" });
  drawing.append(lines);
  for (const [level, { sibling, siblingLeft }] of steps.entries()) {
    const [low, high] = [height - TOP - HEIGHT - level * ROW, height - TOP - HEIGHT - (level + 1) * ROW];
    const x = siblingLeft ? MIDDLE - ASIDE : MIDDLE + ASIDE;
    lines.append(
      s("path", { d: `M${MIDDLE} ${low}V${high + HEIGHT}` }),
      s("path", { d: `M${x} ${low}L${MIDDLE} ${high + HEIGHT}`, "stroke-dasharray": "4 3" }),
    );
    drawing.append(...box(x, low, "picture-sibling", sibling, "邻居"));
  }
  for (const [level, { own }] of steps.entries()) {
    if (level)
      drawing.append(...box(MIDDLE, height - TOP - HEIGHT - level * ROW, "picture-own", own, `第 ${level} 步`));
  }
  if (steps.length) drawing.append(...box(MIDDLE, height - TOP - HEIGHT, "picture-leaf", leaf, "这条记录"));
  drawing.append(...box(MIDDLE, TOP, "picture-root", root, "树根"));
  return drawing;
}

/**
 * @param {number} x of its middle
 * @param {number} y of its upper edge
 * @param {string} name class
 * @param {Uint8Array} hash
 * @param {string} label
 */
function box(x, y, name, hash, label) {
  const left = x - BOX / 2;
  return [
    s("rect", { x: left, y, width: BOX, height: HEIGHT, rx: 5, class: name }),
    s("text", { x, y: y + 14, class: `${name}-label`, "text-anchor": "middle" }, label),
    s("text", { x, y: y + 28, class: "picture-hash", "text-anchor": "middle" }, `${toHex(hash).slice(0, SHOWN)}…`),
  ];
}
