// Sending over HTTP: POST /api/rooms/ROOM/messages with a bearer token.
const PATH = /^\/api\/rooms\/([^/]+)\/messages$/;
const MOST_BYTES = 1_048_576;

async function read(request) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > MOST_BYTES) throw new Error("The request is too large.");
    pieces.push(piece);
  }
  return JSON.parse(Buffer.concat(pieces).toString());
}

function reply(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

export async function answerPost(people, messages, request, response) {
  const found = PATH.exec(request.url);
  if (request.method !== "POST" || !found) return reply(response, 404, { error: "not_found" });
  const [, room] = found;
  try {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /i, "");
    const person = await people.withToken(token);
    if (!person) return reply(response, 401, { error: "unauthenticated" });
    if (!(await people.isMember(person, room))) return reply(response, 404, { error: "not_found" });
    const { text } = await read(request);
    reply(response, 201, await messages.send(person, room, text));
  } catch (error) {
    reply(response, 400, { error: String(error.message) });
  }
}
