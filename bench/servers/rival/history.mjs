// What was said before: the head of each room, and pages of its messages.
import { Remembered } from "./lookups.mjs";

const NEWEST = 50;
const PAGE = 500;

export function shown({ _id, room, seq, at, by, text, html }) {
  return { id: _id, room, seq, at, by, text, html };
}

export class History {
  // Where `isShared`, many who ask for the same page at once cost one query.
  constructor(collection, { isShared }) {
    this.collection = collection;
    this.heads = new Map();
    this.pages = isShared ? new Remembered((key) => this.read(...JSON.parse(key))) : null;
  }

  // The seq of a room's newest message; this process numbers them.
  head(room) {
    let head = this.heads.get(room);
    if (head === undefined) {
      head = this.collection.findOne({ room }, { sort: { seq: -1 } }).then((it) => it?.seq ?? 0);
      this.heads.set(room, head);
    }
    return head;
  }

  // The number of the next message.
  async next(room) {
    const head = await this.head(room);
    const known = this.heads.get(room);
    const next = (typeof known === "number" ? known : head) + 1;
    this.heads.set(room, next);
    return next;
  }

  // The messages after `cursor`, or the newest ones.
  async page(room, cursor) {
    const head = await this.head(room);
    return this.pages
      ? this.pages.get(JSON.stringify([room, cursor, head]))
      : this.read(room, cursor);
  }

  async read(room, cursor) {
    if (cursor === undefined) {
      const found = await this.collection.find({ room }).sort({ seq: -1 }).limit(NEWEST).toArray();
      return this.answer(found.reverse(), 0, false);
    }
    const query = { room, seq: { $gt: cursor } };
    const found = await this.collection
      .find(query)
      .sort({ seq: 1 })
      .limit(PAGE + 1)
      .toArray();
    return this.answer(found.slice(0, PAGE), cursor, found.length > PAGE);
  }

  answer(found, cursor, more) {
    return { rev: found.at(-1)?.seq ?? cursor, more, items: found.map(shown) };
  }
}
