/**
 * The hub's clock as the page sees it. Values carry the hub's times; a phone whose own clock is wrong would else show
 * wrong ages and an empty chart.
 */
export class HubClock {
  #offset = 0;
  #now;

  /** @param now The page's own clock, in milliseconds since 1970. */
  constructor(now = Date.now) {
    this.#now = now;
  }

  /** The time at the hub, in milliseconds since 1970. */
  now() {
    return this.#now() + this.#offset;
  }

  /**
   * Takes the Date header of an answer that has just arrived. It counts whole seconds and is late by the answer's
   * way, so differences up to two seconds are taken as none.
   */
  observe(dateHeader) {
    const time = Date.parse(dateHeader ?? "");
    if (Number.isNaN(time)) return;
    const difference = time + 500 - this.#now();
    this.#offset = Math.abs(difference) <= 2000 ? 0 : difference;
  }
}
