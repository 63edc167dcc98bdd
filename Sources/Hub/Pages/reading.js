/** What a measured text means for a chart. */

/** Plain decimals only, as the base and the hub count numbers. */
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;

/** The number that a measurement is, or null when it is text such as `21 C`. */
export function numberOf(text) {
  if (!decimal.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** The last few values with their times, for sensors that speak in words. */
export class ReadingLog {
  #limit;
  #entries = [];

  constructor(limit) {
    this.#limit = limit;
  }

  /** Takes a value of any time; the same one twice counts once. */
  insert(at, value) {
    if (this.#entries.some((entry) => entry.at === at && entry.value === value)) return;
    this.#entries.push({ at, value });
    this.#entries.sort((one, other) => other.at - one.at);
    this.#entries.length = Math.min(this.#entries.length, this.#limit);
  }

  /** Newest first. */
  get entries() {
    return [...this.#entries];
  }
}
