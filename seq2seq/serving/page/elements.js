// Small things that all parts of the page need: elements, numbers in words.

const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 });
const COUNT = new Intl.NumberFormat("en");

/** The element with an id. */
export const byId = (id) => document.getElementById(id);

/** A new element with properties and children; strings become text, never HTML. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** "1,280" */
export const count = (number) => COUNT.format(number);

/** "14.9 million" */
export const compact = (number) => COMPACT.format(number);

/** "93 %", "less than 1 %" */
export function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  return PERCENT.format(share).replace("%", " %");
}

/** "0.43", with a true minus sign. */
export const decimal = (number, digits = 2) => number.toFixed(digits).replace("-", "−");

/** Show a text in an element, and hide the element where there is none. */
export function say(target, text) {
  target.textContent = text;
  target.hidden = !text;
}
