#!/usr/bin/env node
// A room in the terminal, with the official Socket.IO client: prints what is said there, once and in
// order, and says each line of its input, whatever breaks meanwhile.
//
//     npm install socket.io-client
//     PARLEY_TOKEN=… node examples/room_terminal.mjs http://127.0.0.1:8000 hallway
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [address, room] = process.argv.slice(2);
const chat = io(`${address}/chat`, { auth: { token: process.env.PARLEY_TOKEN } });
const shown = new Map(); // By id, the rev of what was printed.
let cursor; // Everything up to this rev is here.

chat.on("connect", () => ask("room:join", { room, cursor }).then(take, refused));
chat.on("messages", (batch) => {
  // Where something is missing before this batch it is asked for.
  if (batch.prev > cursor) ask("room:sync", { room, cursor }).then(take, refused);
  else take(batch);
});
chat.on("disconnect", (reason) => {
  if (reason === "io server disconnect") refused(new Error("The token has ended."));
});
chat.on("connect_error", (error) => {
  // A refusal is final; a lost connection comes back by itself.
  if (error.data?.code === "unauthenticated") refused(error);
});

function take({ items, rev, more, reset }) {
  for (const item of items) show(item);
  cursor = reset ? rev : Math.max(cursor ?? 0, rev);
  if (more) ask("room:sync", { room, cursor }).then(take, refused);
}

function show({ id, rev, by, text, deleted, system }) {
  if (system || shown.get(id) >= rev) return;
  const change = shown.has(id) ? (deleted ? " (deleted)" : " (changed)") : "";
  shown.set(id, rev);
  console.log(`${by.name}${change}: ${deleted ? "" : text}`);
}

/** Resolves with the answer; asks again where the server can't answer now or the connection is lost. */
async function ask(event, payload) {
  for (;;) {
    const answer = await chat.timeout(10_000).emitWithAck(event, payload).catch(() => null);
    if (answer?.ok) return answer;
    const wait = answer ? answer.error.retry_after : 0;
    if (wait === undefined) throw new Error(answer.error.message);
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

function refused(error) {
  console.error(error.message);
  process.exit(1);
}

for await (const text of createInterface({ input: process.stdin })) {
  // The same client_id in every try: it is said once.
  const client_id = randomUUID();
  await ask("message:send", { room, text, client_id }).catch((error) => console.error(error.message));
}
