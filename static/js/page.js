/** The pages beside the rooms: only the bell is alive there. */
import { startNotifications } from "./shell/account_page.js";

startNotifications();
