/**
 * Sends values one at a time and not too often; while it must wait, only the newest value waits.
 *
 * A colour picker offers dozens of values a second. The lamp follows it, and the last one always arrives.
 */
export class NewestWins {
  #send;
  #interval;
  #clock;
  #waiting = null;
  #busy = false;
  #lastSent = -Infinity;
  #onSettled;

  /**
   * @param send An async function of one value.
   * @param interval The shortest time between two sends, in milliseconds.
   * @param onSettled Called with the last outcome (an error or null) when nothing is left to send.
   * @param clock `now()` in milliseconds and `after(milliseconds, action)`; for tests.
   */
  constructor({ send, interval, onSettled = () => {}, clock = pageClock }) {
    this.#send = send;
    this.#interval = interval;
    this.#onSettled = onSettled;
    this.#clock = clock;
  }

  /** Whether something is being sent or waits for it. */
  get busy() {
    return this.#busy;
  }

  /** Sends `value` now or as soon as that is allowed, unless a newer one comes first. */
  offer(value) {
    this.#waiting = { value };
    if (!this.#busy) {
      this.#busy = true;
      this.#sendWhenDue(null);
    }
  }

  #sendWhenDue(outcome) {
    if (!this.#waiting) {
      this.#busy = false;
      this.#onSettled(outcome);
      return;
    }
    const due = this.#lastSent + this.#interval - this.#clock.now();
    if (due > 0) this.#clock.after(due, () => this.#sendNow());
    else this.#sendNow();
  }

  #sendNow() {
    const { value } = this.#waiting;
    this.#waiting = null;
    this.#lastSent = this.#clock.now();
    this.#send(value).then(
      () => this.#sendWhenDue(null),
      (error) => this.#sendWhenDue(error),
    );
  }
}

const pageClock = {
  now: () => performance.now(),
  after: (milliseconds, action) => setTimeout(action, milliseconds),
};
