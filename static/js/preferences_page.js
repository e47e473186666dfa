/** The settings of notifications: what only this browser can say about itself. */
import { element, startNotifications } from "./shell/account_page.js";
import { askPermission, permission } from "./views/desktop.js";

startNotifications();

/** @type {Record<import("./views/desktop.js").Permission, string>} */
const STATES = {
  granted: "On. They show while Parley is open and not in front.",
  default: "Off. This browser asks you once.",
  denied: "Blocked for this site in the settings of your browser.",
  impossible: "This browser can’t show them for this address.",
};

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
show();
