/** The settings of notifications: what only this browser can say about itself. */
import { element, startNotifications } from "./shell/account_page.js";
import { attempt } from "./shell/attempt.js";
import { askPermission, permission } from "./views/desktop.js";

/** @import { PushState } from "./core/push.js" */

const { push } = startNotifications();

/** @type {Record<import("./views/desktop.js").Permission, string>} */
const STATES = {
  granted: "On. They show while Parley is open and not in front.",
  default: "Off. This browser asks you once.",
  denied: "Blocked for this site in the settings of your browser.",
  impossible: "This browser can’t show them for this address.",
};

/** @type {Record<PushState, string>} */
const PUSH_STATES = {
  on: "On. This browser is told while it runs, also when no page of Parley is open.",
  off: "Off.",
  denied: "Blocked for this site in the settings of your browser.",
  impossible: "",
};

const toggle = element("push-toggle");
/** @type {PushState} */
let pushState = "impossible";

/** @param {PushState | undefined} state */
function showPush(state = pushState) {
  pushState = state;
  element("push").hidden = state === "impossible";
  element("push-state").textContent = PUSH_STATES[state];
  toggle.textContent = state === "on" ? "Turn off" : "Turn on";
  toggle.hidden = state === "denied";
}

const allow = element("desktop-allow");

function show() {
  element("device").hidden = false;
  element("desktop-state").textContent = STATES[permission()];
  allow.hidden = permission() !== "default";
}

allow.addEventListener("click", async () => {
  await askPermission();
  show();
});
toggle.addEventListener("click", async () => {
  showPush(await attempt(pushState === "on" ? push.turnOff() : push.turnOn()));
  show();
});
show();
showPush(await attempt(push.state()));
