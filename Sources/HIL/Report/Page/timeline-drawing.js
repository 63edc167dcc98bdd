// How a timeline looks.

// Steps of an axis, in microseconds.
const STRIDES = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 3e7, 6e7, 12e7, 3e8, 6e8, 18e8, 36e8, 72e8, 216e8];

Timeline.prototype.draw = function draw() {
  const pen = this.canvas.getContext("2d");
  const ratio = devicePixelRatio || 1;
  const style = getComputedStyle(document.documentElement);
  const cache = {};
  const colour = (name) => (cache[name] ??= style.getPropertyValue(`--${name}`).trim());
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, this.width, this.height);
  pen.font = `12px ${style.getPropertyValue("--sans")}`;
  pen.textBaseline = "middle";
  this.drawGround(pen, colour);
  this.drawSteps(pen, colour);
  this.lanes.forEach((lane, number) => { if (this.shown[number]) this.drawLane(pen, colour, lane, number); });
  if (this.chosen >= 0) {
    const x = this.x(this.attempt.times[this.chosen]);
    pen.fillStyle = colour("accent");
    pen.fillRect(x - 0.75, AXIS, 1.5, this.height);
  }
};

Timeline.prototype.drawGround = function drawGround(pen, colour) {
  pen.fillStyle = colour("raised");
  for (let lane = 0; lane < this.lanes.length; lane += 2) pen.fillRect(0, this.laneTop(lane), this.width, LANE);
  const stride = STRIDES.find((each) => each * this.scale >= 76) ?? STRIDES.at(-1);
  const digits = stride >= 1e6 ? 0 : stride >= 1e5 ? 1 : stride >= 1e4 ? 2 : 3;
  for (let at = Math.ceil(this.time(-40) / stride) * stride; this.x(at) < this.width + 40; at += stride) {
    const x = Math.round(this.x(at)) + 0.5;
    pen.fillStyle = colour("line");
    pen.fillRect(x, AXIS - 5, 1, this.height);
    pen.fillStyle = colour("ink-soft");
    const text = (at / 1e6).toFixed(digits);
    // The words at the ends stay whole.
    const half = pen.measureText(text).width / 2;
    const middle = at <= this.begin + stride / 1e3 ? Math.max(x, half + 2) : x;
    if (middle - half >= 0 && middle + half <= this.width) pen.fillText(text, middle - half, AXIS / 2 - 2);
  }
};

Timeline.prototype.drawSteps = function drawSteps(pen, colour) {
  const tones = { passed: "good", failed: "bad", infrastructure: "infra", interrupted: "infra" };
  for (const step of this.attempt.steps) {
    if (step.outcome === "not-run") continue;
    const tone = tones[step.outcome];
    const left = this.x(step.start);
    const width = Math.max(3, this.x(step.start + step.duration) - left - 1);
    if (left > this.width || left + width < 0) continue;
    pen.fillStyle = colour(`${tone}-surface`);
    pen.strokeStyle = colour(tone);
    pen.beginPath();
    pen.roundRect(left + 0.5, AXIS + 5.5, width, STEPS - 11, Math.min(5, width / 2));
    pen.fill();
    pen.stroke();
    const begin = Math.max(left, 0) + 7;
    const room = Math.min(left + width, this.width) - begin - 5;
    const text = step.why ? `${VERDICTS[step.outcome].glyph} ${step.text}` : step.text;
    if (room > 24) {
      pen.fillStyle = colour(tone);
      pen.fillText(this.cut(pen, text, room), begin, AXIS + STEPS / 2 + 0.5);
    }
    if (step.why) this.drawEnd(pen, colour(tone), this.x(step.start + step.duration));
  }
};

/** Where something went wrong: across all lanes. */
Timeline.prototype.drawEnd = function drawEnd(pen, tone, x) {
  pen.save();
  pen.strokeStyle = tone;
  pen.lineWidth = 1.5;
  pen.setLineDash([5, 4]);
  pen.beginPath();
  pen.moveTo(x, AXIS);
  pen.lineTo(x, this.height);
  pen.stroke();
  pen.restore();
};

Timeline.prototype.cut = function cut(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low > 1 ? `${text.slice(0, low)}…` : "";
};

Timeline.prototype.drawLane = function drawLane(pen, colour, lane, number) {
  const { times, weights } = this.attempt;
  const middle = this.laneTop(number) + LANE / 2;
  const marks = [];
  let before = -10;
  pen.fillStyle = colour(lane.kind);
  for (let place = firstFrom(lane.entries, times, this.time(-6)); place < lane.entries.length; place += 1) {
    const index = lane.entries[place];
    const x = this.x(times[index]);
    if (x > this.width + 6) break;
    const weight = weights[index];
    if (weight === "f" || weight === "w") {
      marks.push([x, weight]);
      continue;
    }
    // Ticks that would lie on one another are one.
    if (x - before < 1) continue;
    before = x;
    const half = weight === "s" ? 9 : 6;
    pen.fillRect(x - 1, middle - half, 2, 2 * half);
  }
  let last = { f: -10, w: -10 };
  for (const [x, weight] of marks) {
    if (x - last[weight] < 2) continue;
    last[weight] = x;
    this.drawMark(pen, colour(weight === "f" ? "bad" : "pending"), x, middle, weight);
  }
};

Timeline.prototype.drawMark = function drawMark(pen, tone, x, middle, weight) {
  const corners = weight === "f" ? [[0, -8], [8, 0], [0, 8], [-8, 0]] : [[0, -7], [7, 6], [-7, 6]];
  pen.save();
  pen.fillStyle = tone;
  pen.beginPath();
  corners.forEach(([right, down]) => pen.lineTo(x + right, middle + down));
  pen.closePath();
  pen.fill();
  pen.restore();
};
