import assert from "node:assert/strict";
import { test } from "node:test";
import { Alerts, alertChannels } from "../../../static/js/notifications/alerts.js";
import { ana, FakeClock } from "../fakes.js";
import { notice } from "./fakes.js";

const away = { isFocused: false, isReading: () => false, mayDesktop: true };
const here = { isFocused: true, isReading: () => false, mayDesktop: true };

/** @param {import("../../../static/js/notifications/alerts.js").AlertChannels} told */
const ids = ({ toasts, desktop }) => ({
  toasts: toasts.map(({ id }) => id),
  desktop: desktop.map(({ id }) => id),
});

test("who is here sees a toast, who is away hears of it outside of the browser", () => {
  assert.deepEqual(ids(alertChannels([notice(1)], here)), { toasts: ["n-1"], desktop: [] });
  assert.deepEqual(ids(alertChannels([notice(1)], away)), { toasts: [], desktop: ["n-1"] });
});

test("what is only for the page, or may not leave it, waits there as a toast", () => {
  const news = [notice(1, { alert: "toast" }), notice(2)];
  assert.deepEqual(ids(alertChannels(news, away)), { toasts: ["n-1"], desktop: ["n-2"] });
  const forbidden = { ...away, mayDesktop: false };
  assert.deepEqual(ids(alertChannels(news, forbidden)), { toasts: ["n-1", "n-2"], desktop: [] });
});

test("quiet ones, read ones and what is being read make no sound", () => {
  const isReading = (/** @type {{ room?: string }} */ { room }) => room === "r-1";
  const news = [
    notice(1, { alert: "none" }),
    notice(2, { read: true }),
    notice(3, { room: "r-1" }),
  ];
  assert.deepEqual(ids(alertChannels(news, { ...here, isReading })), { toasts: [], desktop: [] });
  assert.deepEqual(
    ids(alertChannels(news, { ...away, isReading })).desktop,
    ["n-3"],
    "an open room is not read while the person is elsewhere",
  );
});

/** Tabs of one browser. */
function browser() {
  const clock = new FakeClock();
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
  };
  /** @type {string[]} */
  const told = [];
  const tab = (/** @type {string} */ name) =>
    new Alerts({
      account: ana.id,
      clock,
      storage,
      attention: () => here,
      tell: ({ toasts }) => told.push(...toasts.map(({ id }) => `${name} ${id}`)),
    });
  return { clock, told, tab };
}

test("of several tabs only the one that leads tells", () => {
  const { told, tab } = browser();
  const [one, two] = [tab("one"), tab("two")];
  one.lead(true);
  for (const each of [two, one]) each.arrived([notice(1)]);
  assert.deepEqual(told, ["one n-1"]);
});

test("when the lead changes in between, nothing is told twice and nothing is lost", () => {
  const { told, tab } = browser();
  const [one, two] = [tab("one"), tab("two")];
  one.lead(true);
  one.arrived([notice(1)]);
  one.lead(false);
  for (const each of [one, two]) each.arrived([notice(2)]);
  two.arrived([notice(1)]);
  two.lead(true);
  assert.deepEqual(told, ["one n-1", "two n-2"]);
});

test("a tab that comes to lead does not tell what is long past", async () => {
  const { clock, told, tab } = browser();
  const two = tab("two");
  two.arrived([notice(1)]);
  await clock.pass(10_000);
  two.lead(true);
  assert.deepEqual(told, []);
});
