// The slider that walks from one sentence's summary to another's.

import { Newest } from "./api.js";
import { byId, element, percent, say } from "./elements.js";
import { chosen } from "./languages.js";

const PAUSE_MILLISECONDS = 500; // between the last key and the request
const STEP_MILLISECONDS = 350; // of a walk

const slider = byId("position");
const steps = Number(slider.max);
const places = Array.from({ length: steps + 1 }, (_, step) => step / steps);

const requests = new Newest();
let texts = []; // what lies at each place; empty until the server has answered
let isSeen = false; // nobody asks the server for what nobody sees
let isKnown = false; // whether the texts belong to the two sentences that are written there
let isOwn = false; // whether the reader has written the first sentence, which then no longer follows the text
let waiting = 0;
let walking = 0;

/** Let the first sentence follow the text that is being translated, unless the reader has written another one. */
export function followText(text) {
  if (isOwn && byId("from").value) return;
  isOwn = false;
  byId("from").value = text;
  restart();
}

/** Put a sentence into the second field where there is none. */
export function suggestEnd(text) {
  if (byId("to").value || !text) return;
  byId("to").value = text;
  restart();
}

function restart() {
  isKnown = false;
  stop();
  requests.abort();
  showTexts([], written().every(Boolean) ? "" : "Write both sentences.");
  clearTimeout(waiting);
  waiting = setTimeout(read, PAUSE_MILLISECONDS);
}

const written = () => [byId("from").value.trim(), byId("to").value.trim()];

/** Ask for the texts of all places at once: then the slider moves without waiting. */
async function read() {
  if (isKnown || !isSeen) return;
  const [q1, q2] = written();
  if (!q1 || !q2) return;
  isKnown = true;
  try {
    const body = { q1, q2, positions: places, ...chosen() };
    const answer = await requests.call("between", body, (text) => showTexts([], text));
    if (answer) showTexts(answer.translations.map(({ text }) => text), "");
  } catch (error) {
    showTexts([], error.message);
  }
}

function showTexts(found, note) {
  texts = found;
  say(byId("between-note"), note);
  byId("trail").replaceChildren(...ranges().map(trailItem));
  byId("trail-title").hidden = !texts.length;
  byId("walk").disabled = !texts.length;
  showPlace();
}

/** Neighbouring places with the same text, as one: text, first and last place. */
function ranges() {
  const found = [];
  texts.forEach((text, place) => {
    if (found.at(-1)?.text === text) found.at(-1).last = place;
    else found.push({ text, first: place, last: place });
  });
  return found;
}

function trailItem({ text, first, last }) {
  const where = first === last ? percent(places[first]) : `${percent(places[first])} to ${percent(places[last])}`;
  const item = element("li", {}, element("span", { className: "share" }, where), sentence(text));
  Object.assign(item.dataset, { first, last });
  return item;
}

const sentence = (text) => element("span", { className: "text", dir: "auto", lang: chosen().target }, text);

function showPlace() {
  const place = Number(slider.value);
  slider.setAttribute("aria-valuetext", `${percent(places[place])} of the way`);
  if (byId("between").textContent !== (texts[place] ?? "")) byId("between").textContent = texts[place] ?? "";
  for (const item of byId("trail").children) {
    const isHere = item.dataset.first <= place && place <= item.dataset.last;
    if (isHere) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
}

function walkOrStop() {
  if (walking) return stop();
  byId("walk").textContent = "Stop";
  slider.value = 0;
  showPlace();
  walking = setInterval(() => {
    slider.valueAsNumber += 1;
    showPlace();
    if (slider.valueAsNumber === steps) stop();
  }, STEP_MILLISECONDS);
}

function stop() {
  clearInterval(walking);
  walking = 0;
  byId("walk").textContent = "Walk";
}

slider.addEventListener("input", () => {
  stop();
  showPlace();
});
byId("walk").addEventListener("click", walkOrStop);
byId("to").addEventListener("input", restart);
byId("from").addEventListener("input", () => {
  isOwn = true;
  restart();
});
new IntersectionObserver((entries) => {
  isSeen = entries.at(-1).isIntersecting;
  if (isSeen) read();
}).observe(byId("between"));
