// 长辈版: larger letters, fewer things, read aloud.

import * as store from "./store.js";

export function isElder() {
  return store.get("elder") === true;
}

/** @param {boolean} on */
export function setElder(on) {
  store.set("elder", on);
  apply();
}

/** Letters of the size that was chosen. */
export function apply() {
  document.documentElement.classList.toggle("elder", isElder());
}

export function canSpeak() {
  return "speechSynthesis" in window;
}

/**
 * Read a text aloud, in place of what is being read.
 *
 * @param {string} text
 */
export function speak(text) {
  if (!canSpeak()) return;
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "zh-CN";
  words.rate = 0.85;
  speechSynthesis.speak(words);
}

export function hush() {
  if (canSpeak()) speechSynthesis.cancel();
}
