/** How a stream is doing: values a second, what was lost, and how old a value is when it arrives. All times in milliseconds. */

/** Over how long the rate is counted. */
const span = 2000;
/** How many answers are looked at for the device's clock. */
const answersKept = 10;

export class StreamMeter {
  #arrivals = [];
  #lastSequence = null;
  #received = 0;
  #missing = 0;
  #answers = [];
  #latency = null;

  /** Counts a sample that has arrived. */
  took({ sequence, time }, now) {
    this.#arrivals.push(now);
    this.#forget(now);
    this.#count(sequence);
    const { offset } = this.#clock();
    if (offset === null) return;
    const latency = Math.max(0, now + offset - time);
    // Smoothed, so that the number can be read.
    this.#latency = this.#latency === null ? latency : this.#latency + (latency - this.#latency) * 0.1;
  }

  /** Takes an answer to a ping: it was asked at `at`, and the device's clock showed `time`. */
  answered({ at, time }, now) {
    if (now < at) return;
    this.#answers.push({ roundTrip: now - at, offset: time - (at + now) / 2 });
    if (this.#answers.length > answersKept) this.#answers.shift();
  }

  /** Values a second. */
  rate(now) {
    this.#forget(now);
    return this.#arrivals.length < 2 ? 0 : Math.round((this.#arrivals.length / span) * 10000) / 10;
  }

  /** The part of the values that never came, from 0 to 1. */
  get lost() {
    const sent = this.#received + this.#missing;
    return sent === 0 ? 0 : this.#missing / sent;
  }

  get received() {
    return this.#received;
  }

  /** From the measurement to its arrival; null while the device's clock is not known. */
  get latency() {
    return this.#latency;
  }

  get roundTrip() {
    return this.#clock().roundTrip;
  }

  /** What the device's clock shows now. */
  deviceTime(now) {
    return now + (this.#clock().offset ?? 0);
  }

  /** The answer that came fastest says most of the other clock: it can be wrong by half its round trip at most. */
  #clock() {
    let best = { roundTrip: null, offset: null };
    for (const answer of this.#answers) if (best.roundTrip === null || answer.roundTrip < best.roundTrip) best = answer;
    return best;
  }

  #count(sequence) {
    const last = this.#lastSequence;
    this.#received += 1;
    if (last === null || sequence <= last - 1000 || sequence > last + 100000) {
      // The first one, or a device that has begun anew.
      this.#lastSequence = sequence;
    } else if (sequence > last) {
      this.#missing += sequence - last - 1;
      this.#lastSequence = sequence;
    } else if (this.#missing > 0) {
      // It was only late.
      this.#missing -= 1;
    }
  }

  #forget(now) {
    while (this.#arrivals.length > 0 && this.#arrivals[0] <= now - span) this.#arrivals.shift();
  }
}
