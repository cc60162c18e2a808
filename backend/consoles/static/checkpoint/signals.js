// What an officer hears and feels without looking: one high tone passes, two low ones don't, three are "look here".

/** @typedef {import("./types.js").Outcome} Outcome */

/** @type {Record<Outcome, {tones: number[], shakes: number[]}>} */
const SIGNALS = {
  passes: { tones: [1320], shakes: [80] },
  refused: { tones: [330, 330], shakes: [300, 120, 300] },
  out_of_date: { tones: [660, 440], shakes: [150, 100, 150] },
  cannot_be_checked: { tones: [440, 440, 440], shakes: [150, 100, 150, 100, 150] },
};
const [LENGTH, GAP] = [0.16, 0.08];
/** @type {AudioContext | null} */
let context = null;

/** To be called from a tap: browsers give no sound to a page that was never touched. */
export function allowSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => undefined);
}

/** @param {Outcome} outcome */
export function signal(outcome) {
  const { tones, shakes } = SIGNALS[outcome];
  // Browsers refuse it, with an error in the console, to a page that was never touched.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(shakes);
  if (context?.state !== "running") return;
  for (const [at, frequency] of tones.entries()) tone(context, frequency, at * (LENGTH + GAP));
}

/**
 * @param {AudioContext} audio
 * @param {number} frequency
 * @param {number} delay seconds
 */
function tone(audio, frequency, delay) {
  const [start, oscillator, volume] = [audio.currentTime + delay, audio.createOscillator(), audio.createGain()];
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.4, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + LENGTH);
}
