/**
 * Probes of the transports: whether each works, and its round-trip time. No DOM.
 * Each gives up after a while, so that a network that drops packets silently counts as blocked too.
 */

/**
 * @typedef {object} Found
 * @property {boolean} works
 * @property {number} [took_ms] There and back, the shortest of a few.
 * @property {number} [heartbeat_ms] How often the server pings.
 * @property {number} [ahead_ms] How far this clock is ahead of the server's.
 */

/** @typedef {(event: { data?: any, lastEventId?: string }) => void} Listener */

const WITHIN_MS = 8_000;
const ROUNDS = 5;

/**
 * @param {(settle: (found: Found) => void) => () => void} begin Starts; returns what ends it.
 * @param {number} within_ms
 * @returns {Promise<Found>}
 */
async function tried(begin, within_ms) {
  /** @type {() => void} */
  let end = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  try {
    return await new Promise((resolve) => {
      timer = setTimeout(() => resolve({ works: false }), within_ms);
      end = begin(resolve);
    });
  } catch {
    return { works: false };
  } finally {
    clearTimeout(timer);
    end();
  }
}

/**
 * A few pings over `/ws`, authenticated by the cookie. The fastest answer gives the clock's difference.
 * @param {(url: string) => WebSocket} connect
 * @param {string} url
 * @param {() => number} now
 */
export function tryWebSocket(connect, url, now, within_ms = WITHIN_MS) {
  return tried((settle) => {
    const socket = connect(url);
    /** @type {Found} */
    const found = { works: true };
    let sent = 0;
    let rounds = 0;
    const ping = () => {
      sent = now();
      socket.send(JSON.stringify({ type: "ping" }));
    };
    socket.onmessage = ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === "ready") {
        found.heartbeat_ms = payload.heartbeat_interval;
        ping();
      } else if (type === "pong") {
        measure(found, now() - sent, sent, Date.parse(payload.server_time));
        rounds += 1;
        if (rounds < ROUNDS) ping();
        else settle(found);
      }
    };
    socket.onclose = () => settle({ works: false });
    return () => {
      socket.onclose = null;
      socket.close();
    };
  }, within_ms);
}

/** @param {Found} found @param {number} took @param {number} sent @param {number} server */
function measure(found, took, sent, server) {
  if (found.took_ms !== undefined && took >= found.took_ms) return;
  found.took_ms = took;
  found.ahead_ms = sent + took / 2 - server;
}

/**
 * The first event of `/api/events`.
 * @param {(url: string) => EventSource} listen
 * @param {string} url
 * @param {() => number} now
 */
export function tryEvents(listen, url, now, within_ms = WITHIN_MS) {
  return tried((settle) => {
    const began = now();
    const source = listen(url);
    source.addEventListener("connection", () => settle({ works: true, took_ms: now() - began }));
    // EventSource would reconnect by itself; the first failure is the result.
    source.addEventListener("error", () => settle({ works: false }));
    return () => source.close();
  }, within_ms);
}

/**
 * Opens and closes an Engine.IO session by polling.
 * @param {typeof fetch} ask
 * @param {string} url
 * @param {() => number} now
 */
export function tryPolling(ask, url, now, within_ms = WITHIN_MS) {
  return tried((settle) => {
    const leaving = new AbortController();
    poll(ask, url, now, leaving.signal).then(settle, () => settle({ works: false }));
    return () => leaving.abort();
  }, within_ms);
}

/**
 * @param {typeof fetch} ask
 * @param {string} url
 * @param {() => number} now
 * @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
async function poll(ask, url, now, signal) {
  const address = `${url}?EIO=4&transport=polling`;
  const began = now();
  const answer = await ask(address, { signal });
  const text = await answer.text();
  if (!answer.ok || !text.startsWith("0")) return { works: false };
  const took_ms = now() - began;
  const { sid } = JSON.parse(text.slice(1));
  // An open session would count as a connection until it times out.
  await ask(`${address}&sid=${sid}`, { method: "POST", body: "1", signal });
  return { works: true, took_ms };
}
