/**
 * Draws the numbers by day from the table beside them: what screen readers read is what the picture shows.
 *
 * A figure `[data-days]` holds the canvas and a table whose rows carry `data-day` (and `data-today`) and whose cells
 * carry `data-count` and `data-people`; the table's headings name the counts.
 */

const SERIES = /** @type {const} */ ([
  { count: "planned", colour: "#9fb2c3", symbol: "rect" },
  { count: "boarded", colour: "#12558f", symbol: "circle" },
  { count: "arrived", colour: "#13743c", symbol: "triangle" },
  { count: "on_duty", colour: "#8a5a00", symbol: "diamond" },
]);
const WRITING = "#35424e";

/** @param {HTMLElement} figure */
function drawDays(figure) {
  const canvas = figure.querySelector(".daily-canvas");
  if (!(canvas instanceof HTMLElement) || figure.dataset.drawn !== undefined) return;
  figure.dataset.drawn = "";
  const rows = [...figure.querySelectorAll("tr[data-day]")].filter((row) => row instanceof HTMLElement);
  const names = [...figure.querySelectorAll("thead th")].slice(1).map((heading) => heading.textContent ?? "");
  const days = rows.map((row) => row.dataset.day ?? "");
  const today = rows.findIndex((row) => row.dataset.today !== undefined);
  const chart = echarts.init(canvas, null, { renderer: "canvas" });

  /** @param {HTMLElement} row @param {string} count */
  function people(row, count) {
    const cell = row.querySelector(`[data-count="${count}"]`);
    return cell instanceof HTMLElement ? Number(cell.dataset.people) : 0;
  }

  const option = {
    textStyle: { color: WRITING },
    tooltip: { trigger: "axis", renderMode: "richText" },
    legend: { top: 0, left: 0, itemGap: 10, itemWidth: 18, textStyle: { color: WRITING } },
    grid: { left: 8, right: 8, top: 56, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: days, axisLabel: { color: WRITING, hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: WRITING } },
    series: SERIES.map(({ count, colour, symbol }, at) => ({
      name: names[at],
      type: at === 0 ? "bar" : "line",
      symbol,
      symbolSize: 8,
      barMaxWidth: 26,
      itemStyle: { color: colour },
      lineStyle: { width: 2 },
      // What has not come yet can't have been counted.
      data: rows.map((row, day) => (at > 0 && today >= 0 && day > today ? null : people(row, count))),
      ...(at === 0 && today >= 0
        ? {
            markLine: {
              symbol: "none",
              silent: true,
              label: { formatter: "今天", color: WRITING },
              lineStyle: { color: WRITING, type: "dashed" },
              data: [{ xAxis: today }],
            },
          }
        : {}),
    })),
  };
  chart.setOption(/** @type {any} */ (option));
  new ResizeObserver(() => canvas.clientWidth > 0 && chart.resize()).observe(canvas);
}

/** @param {ParentNode} part */
function drawEach(part) {
  for (const figure of part.querySelectorAll("[data-days]")) if (figure instanceof HTMLElement) drawDays(figure);
}

drawEach(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof Element) drawEach(event.target.parentElement ?? event.target);
});
