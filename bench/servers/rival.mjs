// A chat as a team would build it on Node: Socket.IO and MongoDB, doing what Parley does.
//
// node servers/rival.mjs PORT MONGODB_URL plain|gathered|batched
//
// A token is looked up at the handshake and the person's rooms are told; membership is checked;
// texts are rendered by markdown-it; a message is inserted with `w: majority, j: true` before
// anybody gets it. `plain` inserts and tells one message at a time. `gathered` inserts together
// what came during the insert before, and remembers people, memberships and what many ask at once.
// `batched` also tells each room in one event what was inserted together.
//
// People, rooms and memberships are read from Parley's own collections, with their indexes.
import { createServer } from "node:http";
import { MongoClient } from "mongodb";
import { Server } from "socket.io";
import { History } from "./rival/history.mjs";
import { FORMS } from "./rival/messages.mjs";
import { CachedPeople, People } from "./rival/people.mjs";
import { answerPost } from "./rival/posts.mjs";

const [port, url, form] = process.argv.slice(2);
const client = await new MongoClient(url, {
  writeConcern: { w: "majority", journal: true, wtimeoutMS: 5000 },
  readConcernLevel: "majority",
}).connect();
// Each form numbers its messages by itself, also in the rooms that it shares with another one.
const collection = client.db("rival").collection(form);
await collection.createIndex({ room: 1, seq: 1 }, { unique: true });

const isPlain = form === "plain";
const history = new History(collection, { isShared: !isPlain });
const people = new (isPlain ? People : CachedPeople)(client.db("parley"));
const messages = new FORMS[form](collection, history, tell);

const web = createServer((request, response) => answerPost(people, messages, request, response));
// Between its rounds a load waits for those of the others, with its connections open.
web.keepAliveTimeout = 600_000;
const server = new Server(web);

function tell(room, told) {
  if (form === "batched") server.to(room).emit("messages", told);
  else for (const each of told) server.to(room).emit("message", each);
}

server.use(async (socket, next) => {
  const person = await people.withToken(socket.handshake.auth.token);
  socket.data.person = person;
  next(person ? undefined : new Error("Please sign in first."));
});

async function welcome(socket, person) {
  const rooms = await people.roomsOf(person);
  for (const room of rooms) room.unread = Math.max(0, (await history.head(room.id)) - room.read);
  socket.emit("welcome", { user: person, rooms });
}

// Answers `ack` with what `work` finds, or with why it does not.
async function answer(ack, work) {
  try {
    ack({ ok: true, ...(await work()) });
  } catch (error) {
    ack({ ok: false, error: String(error.message) });
  }
}

server.on("connection", (socket) => {
  const { person } = socket.data;
  welcome(socket, person).catch(() => socket.disconnect());

  socket.on("join", ({ room, cursor }, ack) =>
    answer(ack, async () => {
      if (!(await people.isMember(person, room))) throw new Error("There is no such room.");
      socket.join(room);
      return history.page(room, cursor);
    }),
  );

  socket.on("sync", ({ room, cursor }, ack) =>
    answer(ack, () => {
      if (!socket.rooms.has(room)) throw new Error("Join this room first.");
      return history.page(room, cursor);
    }),
  );

  socket.on("send", ({ room, text }, ack) =>
    answer(ack, async () => {
      if (!socket.rooms.has(room)) throw new Error("Join this room first.");
      const { id, seq } = await messages.send(person, room, text);
      return { id, seq };
    }),
  );
});

web.listen(Number(port), "127.0.0.1");
