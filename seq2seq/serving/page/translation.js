// The translation with its tinted words, and the alternatives to choose from.

import { Newest } from "./api.js";
import { showBars } from "./bars.js";
import { byId, element, percent, say } from "./elements.js";

const LEAST_PROBABILITIES = [0.9, 0.6, 0.3]; // of the tints that the legend explains

const requests = new Newest();
let languages = { source: "", target: "" };
let parts = []; // of the text: what stands between sentences as text, and sentences
let selected = null; // the sentence that the lower parts of the page show

/**
 * Show a text.
 *
 * `sentences` have `source` and `translations`, best first, each with `text`, and with `probability` and `words`
 * where they are known.
 */
export function showTranslation(text, sentences, chosenLanguages) {
  requests.abort();
  languages = chosenLanguages;
  parts = divided(text, sentences.map((sentence) => ({ ...sentence, choice: sentence.translations[0] })));
  showText();
}

/** Show nothing, as at the start. */
export function clearTranslation() {
  showTranslation("", [], languages);
  showChoices(null);
}

/** Let one of the sentences be chosen from, by its number. */
export function selectSentence(number) {
  showChoices(parts.filter((part) => typeof part !== "string")[number] ?? null);
}

/** Copy the translation that is shown, and say so on the button. */
export async function copyTranslation() {
  const button = byId("copy");
  const translation = byId("translation");
  try {
    await navigator.clipboard.writeText(translation.textContent);
    button.textContent = "Copied";
  } catch {
    // A page that does not come from this machine or over HTTPS may not write to the clipboard.
    getSelection().selectAllChildren(translation);
    button.textContent = "Selected: press Ctrl+C";
  }
  byId("announcement").textContent = button.textContent;
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

/** The text between sentences and the sentences, in order; only the text where they are not those of the text. */
function divided(text, sentences) {
  const found = [];
  let end = 0;
  for (const sentence of sentences) {
    const start = text.indexOf(sentence.choice.text, end);
    if (start < 0) return [text];
    found.push(text.slice(end, start), sentence);
    end = start + sentence.choice.text.length;
  }
  return [...found, text.slice(end)];
}

function showText() {
  const nodes = parts.flatMap((part) => (typeof part === "string" ? part : tinted(part.choice)));
  byId("translation").replaceChildren(...nodes);
  byId("copy").disabled = !byId("translation").textContent;
  byId("legend").hidden = !parts.some((part) => part.choice?.words?.length);
  say(byId("word-note"), "");
}

/** A translation as nodes: each word in a tint; what stands between the words stays as it is. */
function tinted({ text, words = [] }) {
  const nodes = [];
  let end = 0;
  for (const word of words) {
    const start = text.indexOf(word.text.trim(), end);
    if (start < 0) return [text];
    nodes.push(text.slice(end, start), wordSpan(word));
    end = start + word.text.trim().length;
  }
  return [...nodes, text.slice(end)];
}

function wordSpan(word) {
  const note = noteOf(word);
  const span = element("span", { className: `word sure-${tintOf(word)}`, title: note }, word.text.trim());
  span.addEventListener("click", () => say(byId("word-note"), note)); // a finger sees no title
  return span;
}

const noteOf = (word) => `${word.text.trim()}: ${percent(Math.exp(word.log_prob))}`;
const tintOf = (word) => LEAST_PROBABILITIES.filter((least) => Math.exp(word.log_prob) < least).length;

function showChoices(sentence) {
  selected = sentence;
  const choices = sentence?.translations ?? [];
  byId("choices").replaceChildren(...choices.map(choiceItem));
  byId("alternatives").hidden = choices.length < 2;
  showWords();
}

function choiceItem(translation) {
  const input = element("input", { type: "radio", name: "choice", checked: translation === selected.choice });
  input.addEventListener("change", () => choose(selected, translation));
  const text = element("span", { className: "text", dir: "auto", lang: languages.target }, translation.text);
  const share = element("span", { className: "share" }, percent(translation.probability));
  const label = element("label", {}, input, text, share);
  label.style.setProperty("--share", translation.probability);
  return element("li", {}, label);
}

async function choose(sentence, translation) {
  sentence.choice = translation;
  showText();
  showWords();
  if (translation.words) return;
  try {
    const body = { q: sentence.source, translation: translation.text, pieces: true, ...languages };
    const answer = await requests.call("score", body, (text) => say(byId("error"), text));
    if (!answer) return;
    say(byId("error"), "");
    translation.words = wordsOf(answer.scores[0].pieces);
    showText();
    showWords();
  } catch (error) {
    say(byId("error"), error.message);
  }
}

/** Pieces as words: a new word begins at a space; the end of the sentence has no text. */
function wordsOf(pieces) {
  const words = [];
  for (const { text, log_prob } of pieces.filter((piece) => piece.text)) {
    if (text.startsWith(" ") || !words.length) words.push({ text, log_prob });
    else Object.assign(words.at(-1), { text: words.at(-1).text + text, log_prob: words.at(-1).log_prob + log_prob });
  }
  return words;
}

/** How sure the network was of each word of the chosen translation. */
function showWords() {
  const words = selected?.choice.words ?? [];
  byId("sureness").hidden = !words.length;
  const bars = words.map((word) => ({
    text: word.text.trim(),
    share: Math.exp(word.log_prob),
    value: percent(Math.exp(word.log_prob)),
    note: noteOf(word),
  }));
  showBars(byId("words"), bars, languages.target);
}
