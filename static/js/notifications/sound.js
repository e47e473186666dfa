/** The sound of a notification: two soft tones, made by the browser, without a file. */
import { preferences } from "../core/preferences.js";

/** Hertz, and when each begins, in seconds. */
const TONES = /** @type {const} */ ([
  [660, 0],
  [880, 0.09],
]);
const LASTS_S = 0.22;
const LOUDNESS = 0.08;

/** @type {AudioContext | null} */
let context = null;

/** Plays it, unless the person has turned sounds off or the browser forbids any yet. */
export function playSound() {
  if (preferences.get("sounds") === "off" || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  // A page on which nobody has pressed anything must be silent; what waited must not sound later.
  if (context.state === "suspended") context.resume().catch(() => {});
  if (context.state !== "running") return;
  for (const [pitch, after] of TONES) tone(context, pitch, context.currentTime + after);
}

/** @param {AudioContext} audio @param {number} pitch @param {number} at seconds */
function tone(audio, pitch, at) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + LASTS_S);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + LASTS_S);
}
