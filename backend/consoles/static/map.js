/**
 * Draws the maps of a page from the tables beside them: what screen readers read is what the picture shows.
 *
 * A figure `[data-map]` holds the canvas, the buttons of its views and a table whose rows carry `data-code` (region),
 * `data-lon`, `data-lat`, `data-name`, `data-people`, `data-colour` and `data-said`, and `data-label` where a mark says
 * something else than its name and people; `data-flows` is a JSON list of [[lon, lat], [lon, lat], said, people].
 */

/**
 * @typedef {{ code: string, name: string, lon: number, lat: number, people: number, colour: Colour, said: string, label: string }} Spot
 * @typedef {"red" | "yellow" | "green" | "grey" | "track"} Colour
 * @typedef {[[number, number], [number, number], string, number]} Flow
 * @typedef {{ features: { properties: { code: string, name: string } }[] }} Outlines
 */

const COUNTRY = "100000";
const EASTERN = 115;
const MARGIN = 5;
const WHOLE = [
  [73, 54],
  [136, 3],
];
const INK = { line: "#9fb2c3", land: "#eef3f7", flow: "#12558f", text: "#35424e" };
const LOOK = {
  red: { colour: "#b3261e", symbol: "rect" },
  yellow: { colour: "#b97900", symbol: "triangle" },
  green: { colour: "#13743c", symbol: "circle" },
  grey: { colour: "#6b7680", symbol: "emptyCircle" },
  track: { colour: "#12558f", symbol: "circle" },
};

/** @type {Map<string, Promise<Map<string, string>>>} */
const loaded = new Map();

/**
 * Fetch a region's outlines and hand them to ECharts, once; gives the names of its parts by code.
 * @param {string} code
 * @param {string} address
 */
function load(code, address) {
  let names = loaded.get(code);
  if (!names) {
    names = fetch(address).then(async (response) => {
      if (!response.ok) throw new Error(String(response.status));
      /** @type {Outlines} */
      const outlines = await response.json();
      echarts.registerMap(code, /** @type {any} */ (outlines));
      return new Map(outlines.features.map(({ properties }) => [properties.code, properties.name]));
    });
    names.catch(() => loaded.delete(code));
    loaded.set(code, names);
  }
  return names;
}

/**
 * @param {HTMLElement} figure
 * @returns {Spot[]}
 */
function spotsOf(figure) {
  return [...figure.querySelectorAll("tr[data-code]")].map((row) => {
    const { code, name, lon, lat, people, colour, said, label } = /** @type {HTMLElement} */ (row).dataset;
    return {
      code: code ?? "",
      name: name ?? "",
      lon: Number(lon),
      lat: Number(lat),
      people: Number(people),
      colour: /** @type {Colour} */ (colour ?? "grey"),
      said: said ?? "",
      label: label ?? `${name} ${people}`,
    };
  });
}

/**
 * The part of the country that holds these places, with a margin; all of it when there are none.
 * @param {number[][]} places
 */
function frame(places) {
  if (places.length === 0) return WHOLE;
  const lons = places.map(([lon = 0]) => lon);
  const lats = places.map(([, lat = 0]) => lat);
  return [
    [Math.min(...lons) - MARGIN, Math.max(...lats) + MARGIN],
    [Math.max(...lons) + MARGIN, Math.min(...lats) - MARGIN],
  ];
}

/** @param {number} people */
function size(people) {
  return Math.min(44, 9 + 2.2 * Math.sqrt(people));
}

/** @param {number} people */
function thickness(people) {
  return Math.min(8, 1.5 + Math.sqrt(people) / 12);
}

/**
 * The country: a mark at each region with people, and the flows.
 * @param {Spot[]} spots
 * @param {Flow[]} flows
 */
function country(spots, flows) {
  const marks = spots.filter(({ lon }) => Number.isFinite(lon) && lon !== 0);
  return {
    tooltip: { renderMode: "richText", formatter: (/** @type {any} */ { data }) => data?.said ?? "" },
    geo: {
      map: COUNTRY,
      nameProperty: "code",
      roam: true,
      boundingCoords: frame([
        ...marks.map(({ lon, lat }) => [lon, lat]),
        ...flows.map(([from]) => from),
        ...flows.map(([, to]) => to),
      ]),
      silent: true,
      itemStyle: { areaColor: INK.land, borderColor: INK.line },
    },
    series: [
      {
        type: "lines",
        coordinateSystem: "geo",
        lineStyle: { color: INK.flow, width: 2, curveness: 0.22, opacity: 0.75 },
        symbol: ["none", "arrow"],
        symbolSize: 12,
        label: {
          show: true,
          position: "middle",
          color: INK.text,
          textBorderColor: "#fff",
          textBorderWidth: 3,
          formatter: (/** @type {any} */ { data }) => `${data.people} 人`,
        },
        labelLayout: { hideOverlap: true },
        data: flows.map(([from, to, said, people]) => ({
          coords: [from, to],
          said,
          people,
          lineStyle: { width: thickness(people) },
        })),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        data: marks.map(({ label: name, lon, lat, people, colour, said }) => ({
          name,
          value: [lon, lat, people],
          said,
          symbol: LOOK[colour].symbol,
          symbolSize: size(people),
          itemStyle: { color: LOOK[colour].colour, opacity: 0.85 },
          // Flows come from the west: a label to the left would lie on them, one to the right outside of the country.
          label: { position: lon > EASTERN ? "bottom" : "right" },
        })),
        label: {
          show: true,
          color: INK.text,
          textBorderColor: "#fff",
          textBorderWidth: 2,
          fontSize: 12,
          formatter: "{b}",
        },
        labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
      },
    ],
  };
}

/**
 * A province or city: its counties, the darker the more people.
 * @param {string} code
 * @param {Map<string, string>} names
 * @param {Spot[]} spots
 */
function counties(code, names, spots) {
  const here = spots.filter((spot) => names.has(spot.code));
  const most = Math.max(1, ...here.map(({ people }) => people));
  return {
    tooltip: {
      renderMode: "richText",
      formatter: (/** @type {any} */ { data, name }) => data?.said ?? `${names.get(name) ?? ""}：没有人`,
    },
    visualMap: {
      min: 0,
      max: most,
      calculable: false,
      left: 12,
      bottom: 12,
      text: [`${most} 人`, "0"],
      inRange: { color: ["#eef3f7", "#a9cbe6", "#4f93c9"] },
    },
    series: [
      {
        type: "map",
        map: code,
        top: 16,
        bottom: 16,
        nameProperty: "code",
        roam: true,
        label: {
          show: true,
          fontSize: 11,
          color: INK.text,
          textBorderColor: "#fff",
          textBorderWidth: 2,
          formatter: (/** @type {any} */ { name, value }) =>
            `${names.get(name) ?? ""}${value > 0 ? `\n${value} 人` : ""}`,
        },
        itemStyle: { areaColor: INK.land, borderColor: INK.line },
        emphasis: { label: { color: INK.text }, itemStyle: { areaColor: "#ffe3a3" } },
        select: { disabled: true },
        data: here.map(({ code: county, people, said }) => ({ name: county, value: people, said })),
      },
    ],
  };
}

/** @param {HTMLElement} figure */
function draw(figure) {
  const canvas = figure.querySelector(".map-canvas");
  if (!(canvas instanceof HTMLElement) || figure.dataset.drawn !== undefined) return;
  figure.dataset.drawn = "";
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  const spots = spotsOf(figure);
  /** @type {Flow[]} */
  const flows = JSON.parse(figure.dataset.flows ?? "[]");
  const told = figure.querySelector(".map-told");
  const buttons = [...figure.querySelectorAll("button[data-region]")];

  /** @param {Element} button */
  async function show(button) {
    const { region = COUNTRY, outlines = "" } = /** @type {HTMLElement} */ (button).dataset;
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    if (told) told.textContent = "正在读取地图…";
    try {
      const names = await load(region, outlines);
      if (button.getAttribute("aria-pressed") !== "true") return;
      const option = region === COUNTRY ? country(spots, flows) : counties(region, names, spots);
      chart.setOption(/** @type {any} */ (option), true);
      figure.dataset.shown = region;
      if (told) told.textContent = "";
    } catch {
      if (told) told.textContent = "地图没有读到，请稍后再点一次；人数见下表。";
    }
  }

  for (const button of buttons) button.addEventListener("click", () => show(button));
  // A map without any width can't be laid out; it is drawn again when it has some.
  new ResizeObserver(() => canvas.clientWidth > 0 && chart.resize()).observe(canvas);
  const [first] = buttons;
  if (first) show(first);
}

/** @param {ParentNode} part */
function drawAll(part) {
  for (const figure of part.querySelectorAll("[data-map]")) if (figure instanceof HTMLElement) draw(figure);
}

drawAll(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof Element) drawAll(event.target.parentElement ?? event.target);
});
