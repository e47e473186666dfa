/** The module of pages without live content of their own: it runs the bell. */
import { startNotifications } from "./start_notifications.js";

startNotifications();
