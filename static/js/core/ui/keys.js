/** The meaning of a key press, wherever the focus is. No DOM. */

/** The part of a KeyboardEvent that these rules read. @typedef {Pick<KeyboardEvent, "key" | "keyCode" | "isComposing" | "altKey" | "ctrlKey" | "metaKey" | "getModifierState">} Press */

/** The code of a key that an input method takes for itself (UI Events, section 5.3.1). */
const TAKEN = 229;

/**
 * Whether an input method has this key, so that it neither sends nor chooses anything. Safari ends the
 * composition before the Enter that ends it arrives: then only the key code still tells.
 * @param {Pick<Press, "isComposing" | "keyCode">} press
 */
export function isComposing({ isComposing, keyCode }) {
  return isComposing || keyCode === TAKEN;
}

/**
 * Whether the key writes something: a character, or the beginning of one.
 * @param {Press} press
 * @param {boolean} isMac Option writes characters there; elsewhere Alt is for menus.
 */
export function isTyped(press, isMac) {
  if (press.metaKey) return false;
  const writesThird = press.getModifierState("AltGraph") || (isMac && press.altKey);
  if (!writesThird && (press.ctrlKey || press.altKey)) return false;
  return press.key === "Dead" || [...press.key].length === 1;
}

/**
 * Whether the key inserts the clipboard.
 * @param {Press} press
 * @param {boolean} isMac
 */
export function isPasted(press, isMac) {
  const isCommand = isMac ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
  return isCommand && !press.altKey && press.key.toLowerCase() === "v";
}
