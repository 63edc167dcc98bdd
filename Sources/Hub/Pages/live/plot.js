/**
 * A plot of one stream on a canvas of its own, drawn anew for each frame of the screen: follows the newest value, or stands
 * still to be moved and zoomed.
 */
import { localZoneOffset } from "../time-format.js";
import { PlotGestures } from "./plot-gestures.js";
import { timeTicks, valueTicks } from "./plot-ticks.js";

export const shortestSpan = 500;
export const longestSpan = 600000;
const margins = { top: 12, right: 58, bottom: 26, left: 10 };
/** The plot stops to move so long after the last value (milliseconds). */
const idleTime = 1000;

export class Plot {
  #canvas;
  #buffer;
  #now;
  #onView;
  #span = 10000;
  #end = null;
  #low = null;
  #high = null;
  #frame = null;
  #colours = {};
  #size = { width: 0, height: 0, ratio: 1 };
  #sizes;

  /**
   * @param buffer A SampleBuffer. @param now Gives the time at the device, in milliseconds since 1970.
   * @param onView Told `{span, paused}` when a gesture has changed one of them.
   */
  constructor({ canvas, buffer, now, onView = () => {} }) {
    this.#canvas = canvas;
    this.#buffer = buffer;
    this.#now = now;
    this.#onView = onView;
    this.#sizes = new ResizeObserver(() => this.#resize());
    new PlotGestures(canvas, {
      zoom: (factor, at) => this.zoom(factor, at),
      drag: (part) => this.#drag(part),
    });
  }

  start() {
    this.restyle();
    this.#sizes.observe(this.#canvas.parentElement);
    this.#resize();
    const draw = () => {
      this.#draw();
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#sizes.disconnect();
  }

  get isPaused() {
    return this.#end !== null;
  }

  get span() {
    return this.#span;
  }

  /** The times that are shown. */
  get window() {
    const end = this.#end ?? this.#newest();
    return { from: end - this.#span, to: end };
  }

  /** The height of what is shown, in the stream's unit. */
  get range() {
    return this.#low === null ? 1 : this.#high - this.#low;
  }

  set isPaused(paused) {
    this.#end = paused ? this.#newest() : null;
    this.#tell();
  }

  set span(milliseconds) {
    this.#span = Math.max(shortestSpan, Math.min(longestSpan, milliseconds));
    this.#tell();
  }

  /** Shows more (a factor above 1) or less time, around a place from 0 (left) to 1; while it follows, around the newest value. */
  zoom(factor, at = 1) {
    const before = this.#span;
    this.span = before * factor;
    if (this.#end !== null) this.#end -= (before - this.#span) * (1 - at);
  }

  /** Takes the colours of the theme in force. */
  restyle() {
    const style = getComputedStyle(this.#canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    this.#colours = {
      trace: colour("--trace"), grid: colour("--grid"), ink: colour("--ink-soft"), font: `12px ${style.fontFamily}`,
    };
  }

  /** Moves by a part of the width; a plot that follows stops to do so. */
  #drag(part) {
    if (this.#end === null) this.isPaused = true;
    this.#end = Math.min(this.#end - part * this.#span, this.#newest());
  }

  #tell() {
    this.#onView({ span: this.#span, paused: this.isPaused });
  }

  #newest() {
    const { last } = this.#buffer;
    return last === null ? this.#now() : Math.min(Math.max(this.#now(), last.time), last.time + idleTime);
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#canvas.parentElement;
    const ratio = globalThis.devicePixelRatio || 1;
    this.#size = { width, height, ratio };
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
  }

  #draw() {
    const { width, height, ratio } = this.#size;
    if (width < 80 || height < 60) return;
    const context = this.#canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (this.#buffer.length === 0) return;
    const { from, to } = this.window;
    this.#fit(from, to);
    const area = {
      left: margins.left, right: width - margins.right, top: margins.top, bottom: height - margins.bottom,
    };
    const x = (time) => area.left + ((time - from) / (to - from)) * (area.right - area.left);
    const y = (value) => area.bottom - ((value - this.#low) / (this.#high - this.#low)) * (area.bottom - area.top);
    this.#drawGrid(context, area, { from, to, x, y });
    this.#drawTrace(context, area, { from, to, x, y });
  }

  /** Lets the axis follow what is shown: at once where a value would be cut off, slowly back. */
  #fit(from, to) {
    const found = this.#buffer.extremes(from, to);
    if (found === null) {
      this.#low ??= -1;
      this.#high ??= 1;
      return;
    }
    const room = (found.greatest - found.least || Math.abs(found.greatest) || 1) * 0.08;
    const [low, high] = [found.least - room, found.greatest + room];
    const follow = (present, wanted, isOutside) => (present === null || isOutside ? wanted : present + (wanted - present) * 0.06);
    this.#low = follow(this.#low, low, low < this.#low);
    this.#high = follow(this.#high, high, high > this.#high);
  }

  #drawGrid(context, area, { from, to, x, y }) {
    context.font = this.#colours.font;
    context.fillStyle = this.#colours.ink;
    context.strokeStyle = this.#colours.grid;
    context.lineWidth = 1;
    context.beginPath();
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const { value, label } of valueTicks(this.#low, this.#high, Math.max(3, (area.bottom - area.top) / 56))) {
      const line = Math.round(y(value)) + 0.5;
      context.moveTo(area.left, line);
      context.lineTo(area.right, line);
      context.fillText(label, area.right + 8, line, margins.right - 10);
    }
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    for (const { time, label } of timeTicks(from, to, Math.max(2, (area.right - area.left) / 96), localZoneOffset(to))) {
      const line = Math.round(x(time)) + 0.5;
      context.moveTo(line, area.top);
      context.lineTo(line, area.bottom);
      if (line > area.left + 30 && line < area.right - 8) context.fillText(label, line, area.bottom + 18);
    }
    context.stroke();
  }

  /**
   * A line through the values; where several fall on one pixel, one from the least to the greatest of them. It has a hole where
   * values are missing.
   */
  #drawTrace(context, area, { from, to, x, y }) {
    const buffer = this.#buffer;
    const first = Math.max(0, buffer.firstAt(from) - 1);
    const end = Math.min(buffer.length, buffer.firstAt(to) + 1);
    if (first >= end) return;
    context.save();
    context.beginPath();
    context.rect(area.left, 0, area.right - area.left + 6, area.bottom + 2);
    context.clip();
    context.strokeStyle = this.#colours.trace;
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    context.lineCap = "round";
    context.beginPath();
    const width = 0.5;
    let column = null;
    const flush = () => {
      if (column === null) return;
      if (column.followsHole) context.moveTo(column.x - width, y(column.first));
      context.lineTo(column.x, y(column.first));
      if (column.least < column.greatest) {
        context.lineTo(column.x, y(column.least));
        context.lineTo(column.x, y(column.greatest));
        context.lineTo(column.x, y(column.last));
      }
    };
    for (let index = first; index < end; index += 1) {
      const [place, value] = [x(buffer.time(index)), buffer.value(index)];
      if (column !== null && place - column.x < width) {
        column.last = value;
        column.least = Math.min(column.least, value);
        column.greatest = Math.max(column.greatest, value);
      } else {
        flush();
        column = {
          x: place, first: value, last: value, least: value, greatest: value, followsHole: buffer.followsHole(index),
        };
      }
    }
    flush();
    context.stroke();
    if (end === buffer.length) this.#drawNewest(context, column.x, y(column.last));
    context.restore();
  }

  #drawNewest(context, x, y) {
    context.fillStyle = this.#colours.trace;
    context.beginPath();
    context.arc(x, y, 3.5, 0, 2 * Math.PI);
    context.fill();
  }
}
