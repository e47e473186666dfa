// Lookups as a busy server makes them: many in one query, and remembered for a moment.
const FRESH_MS = 5_000;
const MOST = 10_000;

// Keys that are asked for during a query form the next one. `read` returns a Map of lists.
export class Gathered {
  constructor(read) {
    this.read = read;
    this.asked = new Map();
    this.isReading = false;
  }

  get(key) {
    let asked = this.asked.get(key);
    if (!asked) {
      asked = promised();
      this.asked.set(key, asked);
      if (!this.isReading) this.readAll();
    }
    return asked.promise;
  }

  async readAll() {
    this.isReading = true;
    await null; // What is asked for in the same turn goes along.
    while (this.asked.size) {
      const asked = this.asked;
      this.asked = new Map();
      try {
        const found = await this.read([...asked.keys()]);
        for (const [key, { resolve }] of asked) resolve(found.get(key) ?? []);
      } catch (error) {
        for (const { reject } of asked.values()) reject(error);
      }
    }
    this.isReading = false;
  }
}

// Values by key, each read again after a few seconds; `read` returns a promise.
export class Remembered {
  constructor(read) {
    this.read = read;
    this.values = new Map();
  }

  get(key) {
    const known = this.values.get(key);
    if (known && known.until > performance.now()) return known.value;
    const value = this.read(key);
    if (this.values.size >= MOST) this.values.delete(this.values.keys().next().value);
    this.values.set(key, { value, until: performance.now() + FRESH_MS });
    value.catch(() => this.values.delete(key));
    return value;
  }
}

function promised() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
