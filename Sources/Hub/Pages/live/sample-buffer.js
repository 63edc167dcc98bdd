/** The newest samples of a stream, ordered by time, in a ring of fixed size. */

export class SampleBuffer {
  #times;
  #values;
  #sequences;
  #start = 0;
  #count = 0;
  #capacity;

  /** @param capacity How many samples are kept; older ones give way. */
  constructor(capacity) {
    this.#capacity = capacity;
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#sequences = new Uint32Array(capacity);
  }

  get length() {
    return this.#count;
  }

  time(index) {
    return this.#times[(this.#start + index) % this.#capacity];
  }

  value(index) {
    return this.#values[(this.#start + index) % this.#capacity];
  }

  sequence(index) {
    return this.#sequences[(this.#start + index) % this.#capacity];
  }

  /** Whether a sample is not the next one after that before it: some between them are missing, or the device has begun anew. */
  followsHole(index) {
    return index > 0 && this.sequence(index) !== (this.sequence(index - 1) + 1) % 2 ** 32;
  }

  get last() {
    return this.#count === 0 ? null : { time: this.time(this.#count - 1), value: this.value(this.#count - 1) };
  }

  /**
   * Adds a sample. One that was overtaken on its way takes its place among the newest; one that comes a second time, or is
   * older than all that are looked through, is left out.
   *
   * @returns Whether it was added.
   */
  add({ sequence, time, value }) {
    const searched = 100;
    let place = this.#count;
    while (place > 0 && this.time(place - 1) > time) {
      place -= 1;
      if (this.#count - place > searched) return false;
    }
    if (place > 0 && this.time(place - 1) === time) return false;
    if (this.#count === this.#capacity) {
      if (place === 0) return false;
      this.#start = (this.#start + 1) % this.#capacity;
      place -= 1;
    } else {
      this.#count += 1;
    }
    for (let index = this.#count - 1; index > place; index -= 1) this.#put(index, this.sequence(index - 1), this.time(index - 1), this.value(index - 1));
    this.#put(place, sequence, time, value);
    return true;
  }

  clear() {
    this.#start = 0;
    this.#count = 0;
  }

  /** The index of the first sample at `time` or later; `length` where there is none. */
  firstAt(time) {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The least and the greatest value between two times, or null where there is none. */
  extremes(from, to) {
    let [least, greatest] = [Infinity, -Infinity];
    for (let index = this.firstAt(from); index < this.#count && this.time(index) <= to; index += 1) {
      least = Math.min(least, this.value(index));
      greatest = Math.max(greatest, this.value(index));
    }
    return least > greatest ? null : { least, greatest };
  }

  #put(index, sequence, time, value) {
    const place = (this.#start + index) % this.#capacity;
    this.#sequences[place] = sequence;
    this.#times[place] = time;
    this.#values[place] = value;
  }
}
