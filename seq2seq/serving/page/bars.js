// Words with a bar and a number each, in the order of the sentence.

import { element } from "./elements.js";

/**
 * Show words in a list.
 *
 * Each has `text`, `share` (of the full height, 0 to 1), `value` (the number below, as text), `note` (what it means, as
 * a sentence) and `kind` (a class of its bar, or nothing).
 */
export function showBars(list, words, language) {
  list.replaceChildren(...words.map((word) => bar(word, language)));
}

function bar({ text, share, value, note, kind }, language) {
  const rod = element("span", { className: `rod ${kind ?? ""}` });
  rod.style.setProperty("--share", share);
  const name = element("span", { className: "name", lang: language }, text);
  return element("li", { title: note }, rod, name, element("span", { className: "value" }, value));
}
