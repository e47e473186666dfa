// Sending: rendered, numbered, on the disks of a majority, and only then told.
import { randomBytes } from "node:crypto";
import MarkdownIt from "markdown-it";
import { shown } from "./history.mjs";

const markdown = new MarkdownIt({ html: false, linkify: true });
const TOGETHER = 1_000;
const RENDERED = 1_000;
const TEXT_BYTES = 65_536;

class Messages {
  // `tell(room, messages)` tells those who are in the room.
  constructor(collection, history, tell) {
    this.collection = collection;
    this.history = history;
    this.tell = tell;
  }

  async made(person, room, text) {
    if (typeof text !== "string" || !text.trim() || Buffer.byteLength(text) > TEXT_BYTES)
      throw new Error("This is no message.");
    const html = this.render(text);
    const seq = await this.history.next(room);
    const _id = randomBytes(12).toString("hex");
    return { _id, room, seq, at: new Date(), by: person, text, html };
  }

  render(text) {
    return markdown.render(text);
  }
}

// One insert for each message; they are told in the order of their numbers.
class Plain extends Messages {
  tails = new Map();

  async send(person, room, text) {
    const message = await this.made(person, room, text);
    const inserted = this.collection.insertOne(message);
    const inTurn = Promise.all([this.tails.get(room), inserted]);
    this.tails.set(
      room,
      inTurn.catch(() => {}),
    );
    await inTurn;
    const told = shown(message);
    this.tell(room, [told]);
    return told;
  }
}

// What comes during an insert is inserted together by the next one.
class Gathered extends Messages {
  waiting = [];
  isWriting = false;
  rendered = new Map();

  async send(person, room, text) {
    const message = await this.made(person, room, text);
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, resolve, reject });
      if (!this.isWriting) this.writeAll();
    });
  }

  async writeAll() {
    this.isWriting = true;
    await null; // What is sent in the same turn goes along.
    while (this.waiting.length) {
      const group = this.waiting.splice(0, TOGETHER);
      try {
        await this.collection.insertMany(group.map(({ message }) => message));
        // The next insert is on its way before these are told.
        queueMicrotask(() => this.publish(group));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.isWriting = false;
  }

  publish(group) {
    const rooms = new Map();
    const told = group.map(({ message }) => shown(message));
    for (const each of told) {
      const mine = rooms.get(each.room);
      if (mine) mine.push(each);
      else rooms.set(each.room, [each]);
    }
    for (const [room, its] of rooms) this.tell(room, its);
    for (const [place, { resolve }] of group.entries()) resolve(told[place]);
  }

  render(text) {
    let html = this.rendered.get(text);
    if (html === undefined) {
      html = markdown.render(text);
      if (this.rendered.size >= RENDERED) this.rendered.clear();
      this.rendered.set(text, html);
    }
    return html;
  }
}

export const FORMS = { plain: Plain, gathered: Gathered, batched: Gathered };
