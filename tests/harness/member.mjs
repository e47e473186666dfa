// A member on the official JavaScript client, with the behaviour of person.py, for tests in Python.
// One JSON object a line: commands on stdin; on stdout what was observed, tried and reached.
// Usage: node member.mjs URL TOKEN TRANSPORTS

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, token, transports] = process.argv.slice(2);
const ANSWER_WITHIN_MS = 15_000;
const rooms = new Map(); // id → {cursor, revs: Map of item id → rev, busy, gap}
const early = new Map(); // batches of rooms whose join was answered but not taken yet
const waiting = new Set();

const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
// The clock of Python's time.monotonic(), so that both kinds of members share one time line.
const seconds = () => Number(process.hrtime.bigint()) / 1e9;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const socket = io(`${url}/chat`, {
  auth: { token },
  transports: transports.split(","),
  withCredentials: true, // keeps the cookies of proxies, as browsers do
  reconnectionDelay: 100,
  reconnectionDelayMax: 500,
});

function ask(event, payload) {
  return new Promise((resolve) => {
    const settle = (answer) => {
      clearTimeout(timer);
      waiting.delete(settle);
      resolve(answer);
    };
    const timer = setTimeout(settle, ANSWER_WITHIN_MS, null);
    waiting.add(settle);
    if (!socket.connected) settle(null);
    else socket.emit(event, payload, settle);
  });
}

const isUp = async () => {
  while (!socket.connected) await pause(20);
};

function observe(room, id, prev, rev, items, live) {
  tell({ observed: { room: id, prev, rev, items, live, at: seconds() } });
  if (live && (room.cursor === null || prev > room.cursor)) return false;
  room.cursor = prev === null ? rev : Math.max(room.cursor ?? 0, rev);
  tell({ cursor: { room: id, rev: room.cursor } });
  return true;
}

function takeBatch(batch) {
  const room = rooms.get(batch.room);
  if (!room) {
    early.set(batch.room, [...(early.get(batch.room) ?? []), batch]);
  } else if (!observe(room, batch.room, batch.prev, batch.rev, batch.items, true)) {
    room.gap = true;
    fill(batch.room, room);
  }
}

function takeAnswer(room, id, asked, answer) {
  const prev = asked === null || answer.reset ? null : asked;
  observe(room, id, prev, answer.rev, answer.items, false);
  room.gap = Boolean(answer.more);
}

async function fill(id, room) {
  while (room.gap && socket.connected) {
    const asked = room.cursor ?? 0;
    const answer = await ask("room:sync", { room: id, cursor: asked });
    if (!answer) return;
    if (answer.ok) takeAnswer(room, id, asked, answer);
    else if (answer.error.code === "unavailable") await pause(100);
    else return;
  }
}

async function resume(id, room) {
  while (socket.connected) {
    const asked = room.cursor;
    const answer = await ask("room:join", { room: id, cursor: asked });
    if (!answer) return;
    if (answer.ok) {
      takeAnswer(room, id, asked, answer);
      return fill(id, room);
    }
    if (answer.error.code !== "unavailable") return;
    await pause(100);
  }
}

async function join(reference) {
  await isUp();
  const answer = await ask("room:join", { room: reference });
  if (!answer?.ok) return { failed: answer };
  const id = answer.room.id;
  const room = { cursor: null, gap: false };
  takeAnswer(room, id, null, answer);
  rooms.set(id, room);
  for (const batch of early.get(id) ?? []) takeBatch(batch);
  early.delete(id);
  return { id };
}

async function send({ room, text, client_id }) {
  for (;;) {
    await isUp();
    const began = seconds();
    const answer = await ask("message:send", { room, text, client_id });
    tell({ tried: { client_id, began, ended: seconds(), answer } });
    if (answer?.ok) return { acked: true };
    const code = answer?.error.code;
    if (answer && code !== "unavailable" && code !== "rate_limited") return { acked: false };
    await pause(Math.min((answer?.error.retry_after ?? 0.02) * 1000, 300));
  }
}

const commands = { join: ({ room }) => join(room), send };

socket.on("messages", takeBatch);
socket.on("connect", () => {
  tell({ up: true });
  for (const [id, room] of rooms) resume(id, room);
});
socket.on("disconnect", () => {
  for (const settle of [...waiting]) settle(null);
});
socket.on("connect_error", () => {
  // A refusal by the server ends the client's own retries; only the end of the process ends ours.
  if (!socket.active) setTimeout(() => socket.connect(), 200);
});

for await (const line of createInterface({ input: process.stdin })) {
  const { number, command, ...details } = JSON.parse(line);
  commands[command](details).then((done) => tell({ done: number, ...done }));
}
socket.close();
process.exit(0);
