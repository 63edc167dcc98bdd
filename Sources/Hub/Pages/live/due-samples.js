/** Says which samples are due, so that a timer that is late or coarse loses none. */

/** The most samples that are made up for at once; after a longer sleep the stream goes on from now. */
const limit = 1000;

export class DueSamples {
  #rate;
  #start;
  #given = 0;

  /** @param rate Samples a second. @param now Milliseconds since 1970. */
  constructor(rate, now) {
    this.#rate = rate;
    this.#start = now;
  }

  /** The times of the samples that have become due since the last call, in milliseconds since 1970. */
  take(now) {
    const due = Math.floor(((now - this.#start) * this.#rate) / 1000);
    if (due - this.#given > limit || due < this.#given) {
      this.#start = now;
      this.#given = 0;
      return [];
    }
    const times = [];
    while (this.#given < due) {
      this.#given += 1;
      times.push(this.#start + (this.#given * 1000) / this.#rate);
    }
    return times;
  }
}
