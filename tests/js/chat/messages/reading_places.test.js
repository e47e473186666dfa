/** Where the reader left each room, and which messages count as unread. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countAfter } from "../../../../static/js/chat/messages/countable.js";
import { ReadingPlaces } from "../../../../static/js/chat/messages/reading_places.js";
import { ana, message } from "../../fakes.js";

const anchor = { id: "m-3", seq: 3, top: 12 };

test("a room that was left at its end has no place to come back to", () => {
  const places = new ReadingPlaces("ana", null);
  places.leave("hallway", anchor);
  assert.deepEqual(places.of("hallway"), anchor);
  places.leave("hallway", null);
  assert.equal(places.of("hallway"), undefined);
});

test("places of rooms left long ago are forgotten", () => {
  const places = new ReadingPlaces("ana", null);
  for (let n = 0; n <= 200; n += 1) places.leave(`room ${n}`, anchor);
  assert.equal(places.of("room 0"), undefined);
  assert.deepEqual(places.of("room 1"), anchor);
});

test("places outlive the page, for the account that left them", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const store = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
  };
  const places = new ReadingPlaces("ana", store);
  places.leave("hallway", anchor);
  places.leave("kitchen", anchor);
  places.leave("kitchen", null);
  const later = new ReadingPlaces("ana", store);
  assert.deepEqual(later.of("hallway"), anchor);
  assert.equal(later.of("kitchen"), undefined);
  assert.equal(new ReadingPlaces("ben", store).of("hallway"), undefined);
});

test("a place that can't be kept or read is held by the page", () => {
  const store = {
    getItem: () => "{ not JSON",
    setItem: () => {
      throw new Error("full");
    },
  };
  const places = new ReadingPlaces("ana", store);
  places.leave("hallway", anchor);
  assert.deepEqual(places.of("hallway"), anchor);
});

test("joined lines, deleted messages and my own are not unread", () => {
  const items = [
    message(1),
    message(2),
    message(3, { system: { kind: "joined", user: ana.id } }),
    message(4, { deleted: true }),
    message(5, { by: ana }),
    message(6),
  ];
  assert.equal(countAfter(items, 1, ana.id), 2);
  assert.equal(countAfter(items, 6, ana.id), 0);
});
