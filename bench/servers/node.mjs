// Node's Socket.IO server, as its documentation shows it: rooms that echo.
//
// node servers/node.mjs PORT short|long
//
// The message is the one of `servers/message.py`.
import { Server } from "socket.io";

const [port, form] = process.argv.slice(2);
const server = new Server(Number(port));
let last = 0;

function short(number, room, text) {
  const id = number.toString(16).padStart(24, "0");
  return { id, room, seq: number, at: new Date().toISOString(), by: "person-1", text };
}

function long(number, room, text) {
  const { id, at } = short(number, room, text);
  const by = { id, name: "Person-1" };
  const body = { text, html: `<p>${text}</p>`, mentions: [], reactions: {} };
  return { id, room, seq: number, rev: number, client_id: id, at, by, ...body };
}

const message = form === "long" ? long : short;

server.on("connection", (socket) => {
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack({ ok: true });
  });
  socket.on("send", ({ room, text }, ack) => {
    last += 1;
    server.to(room).emit("message", message(last, room, text));
    ack({ ok: true, seq: last });
  });
});
