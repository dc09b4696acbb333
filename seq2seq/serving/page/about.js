// What the page says about the translator: what it has read, and how small it is.

import { Newest } from "./api.js";
import { byId, compact, count } from "./elements.js";

let pairs = [];

/** Ask what is served. Whether the server wants a key. `onWait` is told why it takes long. */
export async function loadAbout(onWait) {
  const answer = await new Newest().call("about", undefined, onWait);
  pairs = answer.pairs;
  return answer.key_required;
}

/** What is known of the translator for two languages. */
export function pairOf({ source, target }) {
  return pairs.find((pair) => pair.source === source && pair.target === target);
}

/** Say what there is to say about the translator for two languages. */
export function showAbout(pair) {
  byId("honest").textContent = [reading(pair), experience(pair)].join(" ");
  document.title = `${pair.source_name} to ${pair.target_name}, through one vector`;
  byId("card").hidden = !pair.card;
  byId("card-text").textContent = pair.card;
}

function reading({ summary_size: size }) {
  if (size === null) return "A network reads the sentence, and looks at all of it again while it writes the translation.";
  const vector = `one vector of ${count(size)} numbers`;
  return `A network reads the sentence into ${vector}, and writes the translation from that vector alone.`;
}

function experience({ training_pairs: pairs, weights, dev_bleu: bleu }) {
  const read = pairs ? `It has read ${count(pairs)} sentences with their translations. ` : "";
  const quality = bleu === null ? "" : ` On sentences that it had not read, it reached ${bleu.toFixed(0)} of 100 points of BLEU.`;
  return `${read}It is small (${compact(weights)} weights), knows only what it has read, and makes mistakes.${quality}`;
}
