// The nearest sentences of the server's small set, by h(T).

import { Newest } from "./api.js";
import { byId, decimal, element, say } from "./elements.js";

const SHOWN = 5;
const ASKED = 50; // the last of them is another sentence, but not one of another world

const requests = new Newest();

/**
 * Ask for the sentences nearest to a text and show the first of them; `choose` is called with the one that is pressed.
 * The texts of all of them, the nearest first.
 */
export async function showNearest(text, languages, choose) {
  const note = byId("nearest-note");
  try {
    const answer = await requests.call("nearest", { q: text, count: ASKED, ...languages }, (message) => say(note, message));
    if (!answer) return [];
    say(note, "");
    const items = answer.neighbours.slice(0, SHOWN).map((neighbour) => item(neighbour, languages.source, choose));
    byId("nearest").replaceChildren(...items);
    return answer.neighbours.map((neighbour) => neighbour.text);
  } catch (error) {
    say(note, error.message);
    byId("nearest").replaceChildren();
    return [];
  }
}

function item({ text, cosine }, language, choose) {
  const name = element("span", { className: "text", dir: "auto", lang: language }, text);
  const share = element("span", { className: "share" }, decimal(cosine));
  const button = element("button", { type: "button", className: "row" }, name, share);
  button.style.setProperty("--share", Math.max(0, cosine));
  button.addEventListener("click", () => choose(text));
  return element("li", {}, button);
}
