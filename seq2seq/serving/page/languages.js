// The languages that the server translates, and the choice of two of them.

import { Newest } from "./api.js";
import { byId, element } from "./elements.js";

const source = byId("source-language");
const target = byId("target-language");
const swap = byId("swap");
let languages = [];

/** Ask which languages there are; `changed` is called whenever others are chosen, `onWait` is told why it takes long. */
export async function loadLanguages(changed, onWait) {
  languages = await new Newest().call("languages", undefined, onWait);
  source.replaceChildren(...languages.filter(({ targets }) => targets.length).map(option));
  showTargets();
  source.addEventListener("change", () => {
    showTargets();
    changed();
  });
  target.addEventListener("change", () => {
    showSwap();
    changed();
  });
}

/** The chosen languages, as the API names them. */
export const chosen = () => ({ source: source.value, target: target.value });

/** Exchange the two languages; the button for it is shown only where the server translates both ways. */
export function exchange() {
  const [newSource, newTarget] = [target.value, source.value];
  source.value = newSource;
  showTargets();
  target.value = newTarget;
  showSwap();
}

function option({ code, name }) {
  return element("option", { value: code }, name);
}

/** The name of a language; of one that is only written, the server gives none. */
function nameOf(code) {
  const served = languages.find((language) => language.code === code);
  return served?.name ?? new Intl.DisplayNames("en", { type: "language", fallback: "code" }).of(code);
}

function targetsOf(code) {
  return languages.find((language) => language.code === code)?.targets ?? [];
}

function showTargets() {
  const codes = targetsOf(source.value).filter((code) => code !== source.value);
  const before = target.value;
  target.replaceChildren(...codes.map((code) => option({ code, name: nameOf(code) })));
  if (codes.includes(before)) target.value = before;
  source.disabled = source.options.length < 2;
  target.disabled = codes.length < 2;
  showSwap();
}

function showSwap() {
  swap.hidden = !targetsOf(target.value).includes(source.value);
}
