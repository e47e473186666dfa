/** Requests that a person made with a click: what is refused is said in a sentence. */
import { RequestError } from "../core/errors.js";
import { say } from "../views/dialogs.js";

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | undefined>} undefined where it failed, which the person was told
 */
export async function attempt(asked) {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    say(error.message);
    return undefined;
  }
}

/** @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    // On a plain http address there is no clipboard.
    say("This browser does not let Parley copy. Select the text and copy it.");
  }
}
