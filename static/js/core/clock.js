/** Time and ids for all other modules; tests pass in their own clock. */

/**
 * @typedef {object} Clock
 * @property {() => number} now Milliseconds since 1970.
 * @property {(ms: number, run: () => void) => () => void} after Runs once, later; returns what cancels it.
 */

/** @type {Clock} */
export const clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** 128 random bits in hex. `crypto.randomUUID` is missing on a plain http address of a home network. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
