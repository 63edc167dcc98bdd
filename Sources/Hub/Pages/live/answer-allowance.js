/**
 * How much one that watches is answered through the hub: a few times at once, and then twice a second. The hub ends the connection of whoever says
 * too much, so that one that asks without end would end the stream of all others.
 */
const perSecond = 2;
const atOnce = 4;

export class AnswerAllowance {
  #left = atOnce;
  #countedAt = null;

  /** @param now In milliseconds. @returns Whether there is an answer left, which is taken then. */
  take(now) {
    const passed = this.#countedAt === null ? 0 : now - this.#countedAt;
    this.#left = Math.min(atOnce, this.#left + Math.max(0, passed) / 1000 * perSecond);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
