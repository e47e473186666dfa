// Counts a view of this page, without cookie or fingerprint, and not where the browser opts out.
(() => {
  const { doNotTrack, globalPrivacyControl } = navigator;
  if (doNotTrack === "1" || globalPrivacyControl || !navigator.sendBeacon) return;
  const KEY = "parley.visit";

  // The session id belongs to this tab and is gone when it closes.
  const session = () => {
    const made = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    try {
      const held = sessionStorage.getItem(KEY) ?? made;
      sessionStorage.setItem(KEY, held);
      return held;
    } catch {
      return made;
    }
  };
  const session_id = session();
  // An invitation's code is a secret, and so is a question in an address.
  const path = () => location.pathname.replace(/^\/(join|reset)\/.+/, "/$1");

  const view = (properties = {}) => {
    const event = {
      event_type: "page_view",
      session_id,
      properties: { path: path(), ...properties },
    };
    navigator.sendBeacon("/api/analytics/events", JSON.stringify(event));
  };

  const from = document.referrer && new URL(document.referrer).host;
  const arrived = () => view(from && from !== location.host ? { referrer: from } : {});
  // A page that the browser loads ahead is viewed once it is shown.
  if (document.prerendering) addEventListener("prerenderingchange", arrived, { once: true });
  else arrived();

  // The pages of rooms go from one to the next without loading.
  let last = location.pathname;
  const moved = () => {
    if (location.pathname === last) return;
    last = location.pathname;
    // Once the room is painted.
    requestAnimationFrame(() => setTimeout(view));
  };
  const push = history.pushState;
  history.pushState = function (...state) {
    push.apply(this, state);
    moved();
  };
  addEventListener("popstate", moved);
  // Back to a page that the browser had kept whole.
  addEventListener("pageshow", ({ persisted }) => persisted && view());
})();
