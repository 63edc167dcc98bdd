/**
 * One live chart: draws the points of a buffer over a time axis that ends now. Chart.js does the drawing.
 */
import { clockLabel, clockTicks, localZoneOffset } from "./time-format.js";

export class ChartView {
  #library;
  #canvas;
  #chart;
  #window = { from: 0, to: 1 };

  /**
   * @param library Chart.js.
   * @param canvas Where to draw; its parent gives the size.
   */
  constructor(library, canvas) {
    this.#library = library;
    this.#canvas = canvas;
    this.restyle();
  }

  /** Shows `buffer` as of `now`, both in milliseconds since 1970. */
  show(buffer, now) {
    const points = buffer.points();
    this.#window = { from: now - buffer.span, to: now };
    const { x } = this.#chart.options.scales;
    x.min = this.#window.from;
    x.max = this.#window.to;
    const [line, dots] = this.#chart.data.datasets;
    line.data = points;
    dots.data = points.filter((_, index) => isDot(points, index));
    this.#chart.update("none");
  }

  /** Takes the colours of the theme in force; the chart is empty until it is shown again. */
  restyle() {
    this.#chart?.destroy();
    const style = getComputedStyle(this.#canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const line = { data: [], borderColor: colour("--trace"), backgroundColor: colour("--trace-fill"), pointRadius: 0 };
    const dots = { data: [], showLine: false, clip: false, pointBackgroundColor: colour("--trace"), pointBorderWidth: 0 };
    this.#chart = new this.#library(this.#canvas, {
      type: "line",
      data: { datasets: [line, { ...dots, pointRadius: 3, pointHoverRadius: 3 }] },
      options: this.#options(colour, style.fontFamily),
    });
  }

  destroy() {
    this.#chart.destroy();
  }

  #options(colour, family) {
    const font = { family, size: 11 };
    const grid = { drawTicks: false, drawBorder: false, color: colour("--grid") };
    const ticks = { font, color: colour("--ink-soft") };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      layout: { padding: { top: 6 } },
      interaction: { mode: "nearest", axis: "x", intersect: false },
      elements: { line: { borderWidth: 1.75, tension: 0, fill: "start" }, point: { hoverRadius: 4 } },
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: false, animation: false, caretSize: 4, padding: 8,
          backgroundColor: colour("--ink"), titleColor: colour("--surface"), bodyColor: colour("--surface"),
          titleFont: { ...font, weight: "normal" }, bodyFont: font,
          filter: ({ datasetIndex }) => datasetIndex === 0,
          callbacks: { title: ([item]) => (item ? clockLabel(item.parsed.x, true) : ""), label: (item) => String(item.parsed.y) },
        },
      },
      scales: {
        x: {
          type: "linear", grid, afterBuildTicks: (axis) => this.#placeTicks(axis),
          ticks: { ...ticks, padding: 6, maxRotation: 0, autoSkip: false, includeBounds: false },
        },
        y: {
          position: "right", grid,
          ticks: { ...ticks, padding: 8, maxTicksLimit: 7, callback: String },
        },
      },
    };
  }

  /** Round clock times instead of round numbers, as many as there is room for. */
  #placeTicks(axis) {
    const { from, to } = this.#window;
    const room = Math.max(2, Math.floor((this.#chart?.width ?? 320) / 70));
    const { step, times } = clockTicks(from, to, room, localZoneOffset(to));
    const margin = (to - from) * 0.045;
    axis.ticks = times
      .filter((time) => time > from + margin && time < to - margin)
      .map((time) => ({ value: time, label: clockLabel(time, step < 60000) }));
    axis.options.ticks.callback = (value) => clockLabel(value, step < 60000);
  }
}

/** The newest point is a dot, and so is one that has no neighbour to draw a line to. */
function isDot(points, index) {
  if (index === points.length - 1) return true;
  const missing = (point) => point === undefined || Number.isNaN(point.y);
  return !missing(points[index]) && missing(points[index - 1]) && missing(points[index + 1]);
}
