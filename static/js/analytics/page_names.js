/** How the pages of rooms are called, for this person. The server says it; other pages keep their path. */
import { t } from "../core/i18n.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, PageName } from "./types.d.ts" */

const ROOM = /^\/rooms\/./u;
const AT_ONCE = 50;

export class PageNames {
  /** Without a name where the server knows none. @type {Map<string, PageName | undefined>} */
  #names = new Map();
  #isAsking = false;

  /**
   * @param {Pick<Channel<AnalyticsRequests, AnalyticsEvents>, "request">} channel
   * @param {() => void} onChanged there are names that were not known before
   */
  constructor(channel, onChanged) {
    this.#channel = channel;
    this.#onChanged = onChanged;
  }

  #channel;
  #onChanged;

  /** @param {string} path */
  label(path) {
    const known = this.#names.get(path);
    if (!known) return path;
    if (known.kind === "direct")
      return known.name === null
        ? t("A direct conversation")
        : t("Direct: {names}", { names: known.name });
    return known.name ?? t("A private room");
  }

  /** Ask for the names of those that are of rooms and not known yet. @param {string[]} paths */
  async ask(paths) {
    const fresh = paths.filter((path) => ROOM.test(path) && !this.#names.has(path));
    if (fresh.length === 0 || this.#isAsking) return;
    this.#isAsking = true;
    try {
      const asked = fresh.slice(0, AT_ONCE);
      const { names } = await this.#channel.request("page_names", { paths: asked });
      for (const path of asked) this.#names.set(path, names[path]);
    } catch {
      // Without a connection the paths stay; the next figures ask again.
      return;
    } finally {
      this.#isAsking = false;
    }
    this.#onChanged();
  }
}
