/** Figures and a server for the tests of analytics. */

/** @import { Figures } from "../../../static/js/analytics/types.d.ts" */

/** @param {Partial<Figures>} [more] @returns {Figures} */
export function figures(more = {}) {
  return {
    page_views: 0,
    unique_visitors: 0,
    active_users: 0,
    sessions: 0,
    events: 0,
    event_counts: {},
    messages_per_minute: 0,
    connections: {},
    latency: {},
    errors: {},
    top_pages: [],
    referrers: [],
    timestamp: "2026-11-24T10:00:00.000Z",
    ...more,
  };
}

/** @typedef {{ name: string, payload: any }} Asked */

/** Answers at once with what `answers` says; remembers what it was asked. */
export class FakeServer {
  /** @type {Asked[]} */
  asked = [];
  /** @type {Map<string, (payload: any) => void>} */
  #listeners = new Map();

  /** @param {Record<string, (payload: any) => unknown>} answers by request */
  constructor(answers) {
    this.answers = answers;
  }

  /** The channel that the page would have. @returns {any} */
  get channel() {
    return {
      request: async (/** @type {string} */ name, /** @type {any} */ payload) => {
        this.asked.push({ name, payload });
        const answer = /** @type {object} */ (await this.answers[name]?.(payload));
        return { ok: true, ...answer };
      },
      on: (/** @type {string} */ name, /** @type {(payload: any) => void} */ listener) =>
        this.#listeners.set(name, listener),
    };
  }

  /** @param {string} name @param {unknown} payload */
  tells(name, payload) {
    this.#listeners.get(name)?.(payload);
  }

  /** @param {string} name */
  times(name) {
    return this.asked.filter((each) => each.name === name).length;
  }
}

/** Everything that waits for answers has had its turn. */
export async function settled() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
