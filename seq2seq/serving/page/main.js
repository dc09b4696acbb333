// The page: what is typed goes to the server, what comes back goes to the parts of the page.

import { loadAbout, pairOf, showAbout } from "./about.js";
import { Newest, setKey } from "./api.js";
import { followText, suggestEnd } from "./between.js";
import { byId, element, say } from "./elements.js";
import { chosen, exchange, loadLanguages } from "./languages.js";
import { showMemory } from "./memory.js";
import { showNearest } from "./nearest.js";
import { showNotices } from "./notices.js";
import { showSummary } from "./summary.js";
import { clearTranslation, copyTranslation, selectSentence, showTranslation } from "./translation.js";

const LONGEST_EXPLAINED = 600; // characters: for more, what the page shows of the inside takes too long
const PAUSE_MILLISECONDS = 250; // between the last key and the request
const QUIET_MILLISECONDS = 1000; // between the last translation and its announcement to a screen reader

const source = byId("source");
const requests = new Newest();
let sentences = []; // of the text, as the server has explained them
let pausing = 0;
let announcing = 0;

async function translate() {
  clearTimeout(pausing);
  byId("clear").disabled = !source.value;
  if (!source.value.trim()) return empty();
  byId("output").ariaBusy = "true";
  say(byId("error"), "");
  try {
    const answer = await asked(source.value, chosen());
    if (!answer) return; // a newer request is under way
    say(byId("error"), ""); // that the server was busy
    show(answer, chosen());
  } catch (error) {
    empty();
    say(byId("error"), error.message);
  }
  byId("output").ariaBusy = "false";
}

/** The answer to a text: of /explain, or only of /translate where the translator or a long text is not looked into. */
async function asked(text, languages) {
  const waits = (message) => say(byId("error"), message);
  const explains = pairOf(languages).explains;
  const isShort = text.length <= LONGEST_EXPLAINED;
  const answer = await requests.call(explains && isShort ? "explain" : "translate", { q: text, ...languages }, waits);
  if (!answer) return undefined;
  const hint = `Write up to ${LONGEST_EXPLAINED} characters to see the inside of the translation.`;
  return { sentences: [], ...answer, warnings: [...(answer.warnings ?? []), ...(explains && !isShort ? [hint] : [])] };
}

function empty() {
  requests.abort();
  byId("output").ariaBusy = "false";
  say(byId("error"), "");
  clearTranslation();
  showNotices([], 0, []);
  announce("");
  byId("which").hidden = true;
  byId("inside").hidden = true;
}

function show(answer, languages) {
  sentences = answer.sentences.map(withWords);
  showTranslation(answer.translatedText, sentences, languages);
  showNotices(sentences, answer.longest_source_in_training, answer.warnings);
  announce(answer.translatedText);
  const names = sentences.map(({ source: text }, number) => element("option", { value: number }, `${number + 1}: ${text}`));
  byId("sentence").replaceChildren(...names);
  byId("sentence").value = sentences.length - 1; // the one that is being typed
  byId("which").hidden = sentences.length < 2;
  lookInside();
}

/** A sentence whose best translation has the words that the server scored. */
function withWords(sentence) {
  const [best, ...others] = sentence.translations;
  return { ...sentence, translations: [{ ...best, words: sentence.words }, ...others] };
}

/** Show the network's inside for the chosen sentence. */
async function lookInside() {
  const number = Number(byId("sentence").value);
  const sentence = sentences[number];
  selectSentence(number);
  byId("inside").hidden = !sentence;
  if (!sentence) return;
  const languages = chosen();
  const pair = pairOf(languages);
  showSummary(sentence.summary);
  showMemory(sentence.source_words, languages.source);
  if (pair.walks) followText(sentence.source);
  if (!pair.has_neighbours) return;
  const texts = await showNearest(sentence.source, languages, typeFor);
  suggestEnd(texts.at(-1));
}

/** A screen reader hears the translation once the reader stops typing, and not after each key. */
function announce(text) {
  clearTimeout(announcing);
  announcing = setTimeout(() => (byId("announcement").textContent = text), QUIET_MILLISECONDS);
}

function typeFor(text) {
  source.value = text;
  source.scrollIntoView({ block: "nearest" });
  translate();
}

function languagesChanged() {
  const languages = chosen();
  const pair = pairOf(languages);
  source.lang = byId("from").lang = byId("to").lang = languages.source;
  byId("translation").lang = byId("between").lang = languages.target;
  showAbout(pair);
  byId("near").hidden = !pair.has_neighbours;
  byId("line").hidden = !pair.walks;
  translate();
}

async function start() {
  const waits = (message) => say(byId("error"), message);
  try {
    byId("key-form").hidden = !(await loadAbout(waits));
    await loadLanguages(languagesChanged, waits);
    languagesChanged();
  } catch (error) {
    say(byId("error"), error.message);
  }
}

source.addEventListener("input", (event) => {
  byId("output").ariaBusy = "true"; // the translation that is shown is no longer that of the text
  clearTimeout(pausing);
  if (!event.isComposing) pausing = setTimeout(translate, PAUSE_MILLISECONDS);
});
source.addEventListener("compositionend", translate);
byId("sentence").addEventListener("change", lookInside);
byId("clear").addEventListener("click", () => {
  typeFor("");
  source.focus();
});
byId("copy").addEventListener("click", copyTranslation);
byId("swap").addEventListener("click", () => {
  exchange();
  source.value = byId("translation").textContent;
  languagesChanged();
});
byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setKey(byId("key").value);
  translate();
});
start();
