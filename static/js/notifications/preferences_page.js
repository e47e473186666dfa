/** The module of the notification settings: the settings of this browser. */
import { t } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { orShowError } from "../core/ui/prompts.js";
import { askPermission, permission } from "./desktop_notifications.js";
import { startNotifications } from "./start_notifications.js";

/** @import { PushState } from "./web_push.js" */

const { push } = startNotifications();

/** @type {Record<import("./desktop_notifications.js").Permission, string>} */
const STATES = {
  granted: t("On. They show while Parley is open and not in front."),
  default: t("Off. This browser asks you once."),
  denied: t("Blocked for this site in the settings of your browser."),
  impossible: t("This browser can’t show them for this address."),
};

/** @type {Record<PushState, string>} */
const PUSH_STATES = {
  on: t("On. You are notified while this browser runs, even with Parley closed."),
  off: t("Off."),
  denied: t("Blocked for this site in the settings of your browser."),
  impossible: "",
};

const toggle = byId("push-toggle");
/** @type {PushState} */
let pushState = "impossible";

/** @param {PushState | undefined} state */
function showPush(state = pushState) {
  pushState = state;
  byId("push").hidden = state === "impossible";
  byId("push-state").textContent = PUSH_STATES[state];
  toggle.textContent = state === "on" ? t("Turn off") : t("Turn on");
  toggle.hidden = state === "denied";
}

const allow = byId("desktop-allow");

function show() {
  byId("device").hidden = false;
  byId("desktop-state").textContent = STATES[permission()];
  allow.hidden = permission() !== "default";
}

allow.addEventListener("click", async () => {
  await askPermission();
  show();
});
toggle.addEventListener("click", async () => {
  showPush(await orShowError(pushState === "on" ? push.turnOff() : push.turnOn()));
  show();
});
show();
showPush(await orShowError(push.state()));
