/**
 * Shows none of the messages while the place where a room opens is sought: others would only flash up.
 * After some seconds it shows what is there.
 */

/** @import { Clock } from "../../core/clock.js" */

const AT_MOST_MS = 5_000;

export class Concealment {
  #stop = () => {};

  /** @param {{ conceal: (isHidden: boolean) => void }} view @param {Clock} clock */
  constructor(view, clock) {
    this.#view = view;
    this.#clock = clock;
  }

  #view;
  #clock;

  begin() {
    this.#view.conceal(true);
    this.#stop();
    this.#stop = this.#clock.after(AT_MOST_MS, () => this.end());
  }

  end() {
    this.#stop();
    this.#view.conceal(false);
  }
}
