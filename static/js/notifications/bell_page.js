/** The pages beside the rooms: only the bell is alive there. */
import { startNotifications } from "./page_start.js";

startNotifications();
