/** Base class for objects with events; the events' arguments are typed. */

/** @template {Record<keyof E, unknown[]>} E */
export class Emitter {
  /** @type {Map<keyof E, Set<(...args: any[]) => void>>} */
  #listeners = new Map();

  /**
   * Call `listener` at each `name` until the returned function is called.
   * @template {keyof E} N
   * @param {N} name
   * @param {(...args: E[N]) => void} listener
   * @returns {() => void}
   */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * @template {keyof E} N
   * @param {N} name
   * @param {E[N]} args
   */
  emit(name, ...args) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(...args);
  }
}
