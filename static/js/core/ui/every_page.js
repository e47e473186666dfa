/** Starts the parts that every page of a signed-in person has, beside its own module. */
import { preferences } from "../preferences.js";
import { startCopyButtons } from "./copy_buttons.js";
import { showCurrentLink } from "./page_nav.js";
import { listenForShortcuts } from "./shortcuts.js";
import { followTimeZone } from "./time_zone_question.js";

addEventListener("online", () => preferences.retry());
followTimeZone();
listenForShortcuts(document);
startCopyButtons();
showCurrentLink();
