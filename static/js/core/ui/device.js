/** The kind of device that the page is on. */

export const IS_MAC = /Mac|iP(hone|ad|od)/u.test(globalThis.navigator?.platform ?? "");

/** Whether people touch it: there a focused field brings a keyboard over half of the page. */
export function isTouched() {
  return matchMedia("(pointer: coarse)").matches;
}
