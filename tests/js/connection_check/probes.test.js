import assert from "node:assert/strict";
import { test } from "node:test";
import { tryEvents, tryPolling, tryWebSocket } from "../../../static/js/connection_check/probes.js";

/** A clock that goes on by itself with each look, so that ways take time. */
function ticking(step = 10) {
  let at = 1_000_000;
  return () => {
    at += step;
    return at;
  };
}

/** A WebSocket to a server whose clock shows this time. @param {string} serverTime */
function socketTo(serverTime) {
  /** @type {any} */
  const socket = {
    closed: 0,
    send: () => queueMicrotask(() => tell("pong", { server_time: serverTime })),
    close: () => {
      socket.closed += 1;
    },
  };
  const tell = (/** @type {string} */ type, /** @type {object} */ payload) =>
    socket.onmessage({ data: JSON.stringify({ type, payload }) });
  queueMicrotask(() => tell("ready", { heartbeat_interval: 30_000 }));
  return socket;
}

test("a WebSocket that answers works, and tells the heartbeat and the time", async () => {
  const socket = socketTo(new Date(995_000).toISOString());
  const found = await tryWebSocket(() => socket, "ws://here/ws", ticking());
  assert.equal(found.works, true);
  assert.equal(found.took_ms, 10);
  assert.equal(found.heartbeat_ms, 30_000);
  // Sent at 1,000,010 by this clock, and half of 10 ms on the way.
  assert.equal(found.ahead_ms, 5_015);
  assert.equal(socket.closed, 1);
});

test("a WebSocket that is closed, silent or not allowed is blocked", async () => {
  /** @type {any} */
  const closing = {};
  closing.close = () => {};
  queueMicrotask(() => closing.onclose());
  assert.deepEqual(await tryWebSocket(() => closing, "", ticking()), { works: false });
  /** @type {any} */
  const silent = { close: () => {} };
  assert.deepEqual(await tryWebSocket(() => silent, "", ticking(), 5), { works: false });
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  assert.deepEqual(await tryWebSocket(forbidden, "", ticking()), { works: false });
});

test("an event stream works with its first event, and is closed", async () => {
  for (const event of ["connection", "error"]) {
    let closed = 0;
    /** @type {any} */
    const source = {
      addEventListener: (/** @type {string} */ name, /** @type {() => void} */ run) =>
        name === event && queueMicrotask(run),
      close: () => {
        closed += 1;
      },
    };
    const found = await tryEvents(() => source, "/api/events", ticking());
    assert.equal(found.works, event === "connection");
    assert.equal(closed, 1);
  }
});

test("polling works with a session, which is ended again", async () => {
  /** @type {unknown[]} */
  const asked = [];
  /** @type {any} */
  const ask = async (/** @type {string} */ url, /** @type {RequestInit} */ given) => {
    const { method = "GET", body } = given;
    asked.push([method, new URL(url, "http://here").searchParams.get("sid"), body]);
    return { ok: true, text: async () => '0{"sid":"x1"}' };
  };
  assert.deepEqual(await tryPolling(ask, "/socket.io/", ticking()), { works: true, took_ms: 10 });
  assert.deepEqual(asked, [
    ["GET", null, undefined],
    ["POST", "x1", "1"],
  ]);
});

test("polling that is refused, answered by something else or cut is blocked", async () => {
  /** @type {any[]} */
  const answers = [
    async () => ({ ok: false, text: async () => "0{}" }),
    async () => ({ ok: true, text: async () => "<html>" }),
    async () => {
      throw new TypeError("network");
    },
  ];
  for (const ask of answers)
    assert.deepEqual(await tryPolling(ask, "/socket.io/", ticking()), { works: false });
});
