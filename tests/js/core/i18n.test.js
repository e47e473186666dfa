import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {any} */ (globalThis).parleyCatalogue = {
  language: "de",
  texts: {
    Rooms: "Räume",
    "{n} person": ["{n} Person", "{n} Personen"],
    "Invite {name} to {room}": "{name} in {room} einladen",
    name: "Name",
    "That name is taken.": "Der Name ist vergeben.",
  },
  words: ["name"],
  sentences: [["A (?<b>.{1,200}?) has (?<a>.{1,200}?) characters\\.", "{b}: {a} Zeichen."]],
};
const { LANGUAGE, compare, serverSentence, t, tNodes, tn } = await import(
  "../../../static/js/core/i18n.js"
);

test("a text is found by its English words, and stays English where it is missing", () => {
  assert.equal(LANGUAGE, "de");
  assert.equal(t("Rooms"), "Räume");
  assert.equal(t("Nowhere in it"), "Nowhere in it");
});

test("values go in where the translation has them; numbers are written as the language does", () => {
  assert.equal(
    t("Invite {name} to {room}", { name: "{room}", room: "$1" }),
    "{room} in $1 einladen",
  );
  assert.equal(t("{count} of them", { count: 12_345 }), "12.345 of them");
});

test("a plural has the form of its number, in English too", () => {
  const people = (/** @type {number} */ n) => tn("{n} person", "{n} people", n);
  assert.deepEqual([0, 1, 2_000].map(people), ["0 Personen", "1 Person", "2.000 Personen"]);
  assert.deepEqual(
    [0, 1].map((n) => tn("{n} room", "{n} rooms", n)),
    ["0 rooms", "1 room"],
  );
});

test("elements stand where the values are", () => {
  const parts = tNodes("Invite {name} to {room}", { name: 1, room: 2 });
  assert.deepEqual(parts, [1, " in ", 2, " einladen"]);
});

test("a sentence of the server is translated, with the values in it", () => {
  assert.equal(serverSentence("That name is taken."), "Der Name ist vergeben.");
  assert.equal(serverSentence("A name has 80 characters."), "Name: 80 Zeichen.");
  assert.equal(serverSentence("Something new."), "Something new.");
});

test("words are sorted as people do, numbers by size", () => {
  const names = ["Zoe", "raum 10", "Ärger", "raum 2", "Anton"];
  assert.deepEqual(names.sort(compare), ["Anton", "Ärger", "raum 2", "raum 10", "Zoe"]);
});
