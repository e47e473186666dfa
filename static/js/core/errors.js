/** The error that a request ends with when it is refused or not answered. */

import { serverSentence, t } from "./i18n.js";

/** @import { ErrorCode, WireError } from "./types.d.ts" */

const FINAL = new Set(["invalid", "forbidden", "not_found", "conflict", "too_large"]);

/** A refused or unanswered request; `message` is a sentence for a person. */
export class RequestError extends Error {
  /**
   * @param {ErrorCode | "disconnected" | "timeout"} code
   * @param {string} message
   * @param {{ field?: string | undefined, retry_after?: number | undefined }} [details]
   */
  constructor(code, message, { field, retry_after } = {}) {
    super(message);
    this.code = code;
    this.field = field;
    /** Seconds. @type {number | undefined} */
    this.retry_after = retry_after;
  }

  /** Whether repeating the same request cannot succeed. */
  get isFinal() {
    return FINAL.has(this.code);
  }

  /** @param {WireError} error */
  static from(error) {
    return new RequestError(error.code, serverSentence(error.message), error);
  }

  static disconnected() {
    return new RequestError("disconnected", t("The connection was lost. Please try again."));
  }

  static timeout() {
    return new RequestError("timeout", t("The server did not answer. Please try again."));
  }
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | undefined>} undefined where it failed, as without a connection
 */
export async function orUndefined(asked) {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return undefined;
  }
}
