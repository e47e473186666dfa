/** Tells when the person turns away from the page, and whether they come back to it. */

/** They turn to another tab, page or app, from which they may not come back. @param {() => void} run */
export function whenLeaving(run) {
  document.addEventListener("visibilitychange", () => document.hidden && run());
  addEventListener("pagehide", run);
}

/** Whether the person was on this page before: they reloaded it, or went back to it. */
export function isComingBack() {
  const [navigation] = performance.getEntriesByType("navigation");
  const type = navigation instanceof PerformanceNavigationTiming ? navigation.type : "";
  return type === "reload" || type === "back_forward";
}
