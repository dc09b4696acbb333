// What is out of the ordinary about a text, in sentences.

import { byId, count, element } from "./elements.js";

/** Show the server's warnings, and which sentences are longer than those that the network learned from. */
export function showNotices(sentences, longest, warnings) {
  const long = sentences.filter((sentence) => sentence.longer_than_training).map((sentence) => tooLong(sentence, longest));
  byId("notices").replaceChildren(...[...long, ...warnings].map((notice) => element("li", {}, notice)));
}

function tooLong({ source, source_tokens: tokens }, longest) {
  const begin = source.length > 40 ? `${source.slice(0, 40).trimEnd()}…` : source;
  return `“${begin}” has ${count(tokens)} pieces, and the longest sentence in training had ${count(longest)}: expect the end or the ` +
    "middle to be forgotten.";
}
