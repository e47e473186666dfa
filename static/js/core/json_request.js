/** A request of JSON over HTTP, for what has no event. */
import { RequestError } from "./errors.js";

/**
 * @param {string} method @param {string} address @param {object} [body]
 * @returns {Promise<any>} the answer; rejects with a RequestError
 */
export async function jsonRequest(method, address, body) {
  const sent = body && {
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(address, { method, ...sent }).catch(() => null);
  if (!answer) throw RequestError.disconnected();
  const content = await answer.json().catch(() => null);
  if (answer.ok) return content;
  throw content?.error?.code ? RequestError.from(content.error) : RequestError.timeout();
}
