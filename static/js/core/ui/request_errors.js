/** Requests that a person made with a click: what is refused is said in a sentence. */

import { showToast } from "../../chat/rooms/room_dialogs.js";
import { RequestError } from "../errors.js";

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | undefined>} undefined where it failed, which the person was told
 */
export async function orShowError(asked) {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    showToast(error.message);
    return undefined;
  }
}

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    showToast("Copied");
  } catch {
    // On a plain http address there is no clipboard.
    showToast("This browser does not let Parley copy. Select the text and copy it.");
  }
}
