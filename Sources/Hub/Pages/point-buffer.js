/**
 * The points of one chart: bounded in number whatever arrives, and drawn with its extremes kept.
 *
 * The span is cut into buckets; each remembers its lowest and its highest point. Inserting the same point twice
 * changes nothing, so history that is fetched again after an outage can simply be inserted over what is there.
 */

/** Shorter silences are never shown as a gap (milliseconds). */
const shortestGap = 5000;

export class PointBuffer {
  #span;
  #width;
  /** Sorted by index: {index, first, last, low: {x, y}, high: {x, y}}. */
  #buckets = [];

  /**
   * @param span How much time is kept, in milliseconds.
   * @param resolution Into how many buckets the span is cut; at most two points are drawn for each.
   */
  constructor(span, resolution = 400) {
    this.#span = span;
    this.#width = span / resolution;
  }

  get span() {
    return this.#span;
  }

  /** The distance in time below which two points share a bucket. */
  get width() {
    return this.#width;
  }

  /** Takes a point in any order of time; what is no finite number is not drawn. */
  insert(x, y) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const index = Math.floor(x / this.#width);
    const position = this.#position(index);
    const bucket = this.#buckets[position];
    if (bucket?.index !== index) {
      this.#buckets.splice(position, 0, { index, first: x, last: x, low: { x, y }, high: { x, y } });
      return;
    }
    bucket.first = Math.min(bucket.first, x);
    bucket.last = Math.max(bucket.last, x);
    if (y < bucket.low.y) bucket.low = { x, y };
    if (y > bucket.high.y) bucket.high = { x, y };
  }

  /** Forgets what lies more than the span before `now`. */
  trim(now) {
    const oldest = Math.floor((now - this.#span) / this.#width) - 1;
    const keep = this.#buckets.findIndex((bucket) => bucket.index >= oldest);
    this.#buckets.splice(0, keep < 0 ? this.#buckets.length : keep);
  }

  /** What to draw, in order of time; a point with the y value NaN marks a gap. */
  points() {
    const longest = this.longestSilence();
    const points = [];
    let previous = null;
    for (const bucket of this.#buckets) {
      if (previous && bucket.first - previous.last > longest) {
        points.push({ x: (previous.last + bucket.first) / 2, y: NaN });
      }
      const pair = bucket.low.x <= bucket.high.x ? [bucket.low, bucket.high] : [bucket.high, bucket.low];
      points.push(pair[0]);
      if (pair[1].x !== pair[0].x) points.push(pair[1]);
      previous = bucket;
    }
    return points;
  }

  /** The lowest and the highest value, null when there is none. */
  extremes() {
    if (this.#buckets.length === 0) return null;
    let low = Infinity;
    let high = -Infinity;
    for (const bucket of this.#buckets) {
      low = Math.min(low, bucket.low.y);
      high = Math.max(high, bucket.high.y);
    }
    return { low, high };
  }

  /** The median distance between neighbours in milliseconds, null while there are fewer than two. */
  usualInterval() {
    if (this.#buckets.length < 2) return null;
    const distances = [];
    for (let index = 1; index < this.#buckets.length; index += 1) {
      distances.push(this.#buckets[index].first - this.#buckets[index - 1].last);
    }
    distances.sort((one, other) => one - other);
    return distances[Math.floor(distances.length / 2)];
  }

  /** A longer silence than this between neighbours is a gap. */
  longestSilence() {
    return Math.max(shortestGap, 3 * this.#width, 5 * (this.usualInterval() ?? 0));
  }

  /** Where the bucket `index` is or belongs: nearly always at the end. */
  #position(index) {
    let low = 0;
    let high = this.#buckets.length;
    if (high > 0 && this.#buckets[high - 1].index < index) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#buckets[middle].index < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
