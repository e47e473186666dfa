// People by their token, the rooms they are in, and whether they are in one.
import { createHash } from "node:crypto";
import { Gathered, Remembered } from "./lookups.mjs";

const PREFIX = "parley_";

function fingerprint(token) {
  return createHash("sha256").update(String(token).replace(PREFIX, "")).digest("hex");
}

function byKey(documents, name) {
  const found = new Map();
  for (const each of documents) {
    const mine = found.get(each[name]);
    if (mine) mine.push(each);
    else found.set(each[name], [each]);
  }
  return found;
}

export class People {
  constructor(database) {
    this.tokens = database.collection("tokens");
    this.users = database.collection("users");
    this.rooms = database.collection("rooms");
    this.memberships = database.collection("memberships");
  }

  async withToken(token) {
    const found = await this.tokens.findOne({ key: fingerprint(token) });
    return found ? this.person(await this.users.findOne({ _id: found.user })) : null;
  }

  async roomsOf(person) {
    const mine = await this.memberships.find({ user: person.id, is_in: true }).toArray();
    const ids = mine.map((each) => each.room);
    const rooms = await this.rooms.find({ _id: { $in: ids } }).toArray();
    return this.listed(mine, new Map(rooms.map((room) => [room._id, room])));
  }

  async isMember(person, room) {
    const query = { _id: `${room}:${person.id}`, is_in: true };
    return (await this.memberships.findOne(query)) !== null;
  }

  person(user) {
    return user && !user.disabled ? { id: user._id, name: user.name } : null;
  }

  listed(memberships, rooms) {
    return memberships
      .filter(({ room }) => rooms.has(room))
      .map(({ room, read_seq }) => ({ id: room, name: rooms.get(room).name, read: read_seq }));
  }
}

// Asks for many at once, and remembers for a few seconds.
export class CachedPeople extends People {
  constructor(database) {
    super(database);
    const gathered = (collection, name, more = {}) =>
      new Gathered(async (keys) =>
        byKey(await collection.find({ [name]: { $in: keys }, ...more }).toArray(), name),
      );
    const tokens = gathered(this.tokens, "key");
    const users = gathered(this.users, "_id");
    const memberships = gathered(this.memberships, "user", { is_in: true });
    const rooms = gathered(this.rooms, "_id");
    this.known = new Remembered(async (key) => {
      const [found] = await tokens.get(key);
      return found ? this.person((await users.get(found.user))[0]) : null;
    });
    this.mine = new Remembered((userId) => memberships.get(userId));
    this.room = new Remembered(async (id) => (await rooms.get(id))[0]);
  }

  withToken(token) {
    return this.known.get(fingerprint(token));
  }

  async roomsOf(person) {
    const mine = await this.mine.get(person.id);
    const rooms = await Promise.all(mine.map((each) => this.room.get(each.room)));
    return this.listed(mine, new Map(rooms.filter(Boolean).map((room) => [room._id, room])));
  }

  async isMember(person, room) {
    return (await this.mine.get(person.id)).some((each) => each.room === room);
  }
}
