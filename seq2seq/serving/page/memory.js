// How much each source word still matters to the translation.

import { showBars } from "./bars.js";
import { byId, count, decimal } from "./elements.js";

const LEAST_SCALE_NATS = 3; // so that small effects do not fill the picture

/** Show the words of a source, each with what the log-probability of the translation loses without it. */
export function showMemory(words, language) {
  const largest = Math.max(LEAST_SCALE_NATS, ...words.map((word) => word.effect));
  const bars = words.map(({ text, effect }) => ({
    text,
    share: Math.max(0, effect) / largest,
    value: decimal(effect, 1),
    note: explained(text, effect),
    kind: effect < 0 ? "against" : "",
  }));
  showBars(byId("memory"), bars, language);
}

function explained(text, effect) {
  const times = Math.exp(Math.abs(effect));
  const factor = times < 10 ? times.toFixed(1) : count(Number(times.toPrecision(2)));
  return `Without “${text}”, this translation is ${factor} times ${effect < 0 ? "more" : "less"} likely.`;
}
