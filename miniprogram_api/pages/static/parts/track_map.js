// The map of an itinerary. Its drawing library and the outlines are large, so they are fetched when somebody asks.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";

/** @typedef {import("../types.js").Timeline} Timeline */

const LIBRARY = "/assets/echarts/dist/echarts.min.js";
const OUTLINES = "/maps/100000";
const MARGIN = 4;
const INK = { line: "#9fb2c3", land: "#eef3f7", way: "#12558f", said: "#6b7680", text: "#35424e" };

/** @type {Promise<void> | null} */
let library = null;

function loadLibrary() {
  library ??= new Promise((done, fail) => {
    const script = h("script", { src: LIBRARY });
    script.addEventListener("load", () => done());
    script.addEventListener("error", () => {
      library = null;
      script.remove();
      fail(new Error(LIBRARY));
    });
    document.head.append(script);
  });
  return library;
}

/**
 * Draw an itinerary: a mark in the middle of each region, an arrow for each journey; what is only declared is dashed.
 *
 * @param {HTMLElement} place
 * @param {Timeline} line
 */
export async function trackMap(place, line) {
  const [outlines] = await Promise.all([get(OUTLINES), loadLibrary()]);
  const canvas = h("div", { class: "track__canvas", role: "img", "aria-label": "行程地图，内容与下面的行程相同" });
  const number = line.review_number || "尚未取得，地图仅供内部使用";
  place.replaceChildren(
    canvas,
    h("p", { class: "track__note" }, `点在地区中心，不是确切位置；虚线和空心点是自己申报的。审图号：${number}`),
  );
  echarts.registerMap("country", /** @type {any} */ (outlines));
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(/** @type {any} */ (option(line)));
  new ResizeObserver(() => canvas.clientWidth > 0 && chart.resize()).observe(canvas);
}

/** @param {Timeline} line */
function option({ marks, ways }) {
  const ends = [...marks.map(({ lon, lat }) => [lon, lat]), ...ways.flatMap(({ start, end }) => [start, end])];
  const lons = ends.map(([lon = 0]) => lon);
  const lats = ends.map(([, lat = 0]) => lat);
  return {
    tooltip: { renderMode: "richText", confine: true, formatter: (/** @type {any} */ { data }) => data?.said ?? "" },
    geo: {
      map: "country",
      nameProperty: "code",
      roam: true,
      silent: true,
      boundingCoords: [
        [Math.min(...lons) - MARGIN, Math.max(...lats) + MARGIN],
        [Math.max(...lons) + MARGIN, Math.min(...lats) - MARGIN],
      ],
      itemStyle: { areaColor: INK.land, borderColor: INK.line },
    },
    series: [
      {
        type: "lines",
        coordinateSystem: "geo",
        symbol: ["none", "arrow"],
        symbolSize: 10,
        data: ways.map(({ start, end, said, proven }) => ({
          coords: [start, end],
          said,
          lineStyle: {
            color: proven ? INK.way : INK.said,
            type: proven ? "solid" : "dashed",
            width: 2,
            curveness: proven ? 0.2 : 0.3,
          },
        })),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        symbolSize: 12,
        data: marks.map(({ name, lon, lat, said, proven }) => ({
          name,
          value: [lon, lat],
          said,
          symbol: proven ? "circle" : "emptyCircle",
          itemStyle: { color: proven ? INK.way : INK.said },
        })),
        label: {
          show: true,
          position: "bottom",
          color: INK.text,
          textBorderColor: "#fff",
          textBorderWidth: 2,
          fontSize: 14,
          formatter: "{b}",
        },
        labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
      },
    ],
  };
}
