// h(T) as a strip of squares that moves while one types.

import { byId, count, decimal } from "./elements.js";

const AREA_HEIGHT = 130; // CSS pixels that the strip should have at its widest
const SMALLEST_CELL = 7;
const LARGEST_CELL = 22;
const FULL_SQUARE = 3; // times the mean distance from zero: larger numbers are not drawn larger
const MOVE_MILLISECONDS = 400;

const canvas = byId("strip");
const still = matchMedia("(prefers-reduced-motion: reduce)");

let from = [];
let to = [];
let begun = 0;
let frame = 0;

/** Move the strip to new numbers, and say how far the vector has turned. */
export function showSummary(numbers) {
  const angle = to.length === numbers.length ? degreesBetween(to, numbers) : null;
  from = from.length === numbers.length ? valuesNow() : numbers.map(() => 0);
  to = numbers;
  begun = performance.now();
  byId("summary-size").textContent = count(numbers.length);
  const turned = angle === null ? "" : `With the last change of the text, the vector turned by ${angle.toFixed(0)}°.`;
  byId("strip-note").textContent = turned;
  canvas.setAttribute("aria-label", `h(T): ${described(numbers)} ${turned}`);
  cancelAnimationFrame(frame);
  move();
}

function described(numbers) {
  return `${count(numbers.length)} numbers, on average ${decimal(mean(numbers.map(Math.abs)))} away from zero.`;
}

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

function degreesBetween(first, second) {
  const dot = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
  const lengths = Math.sqrt(dot(first, first) * dot(second, second));
  return lengths ? (Math.acos(Math.min(1, dot(first, second) / lengths)) * 180) / Math.PI : null;
}

function progress() {
  if (still.matches) return 1;
  const share = Math.min(1, (performance.now() - begun) / MOVE_MILLISECONDS);
  return share * share * (3 - 2 * share); // slow at both ends
}

function valuesNow() {
  const share = progress();
  return to.map((value, index) => from[index] + share * (value - from[index]));
}

function move() {
  draw(valuesNow());
  if (progress() < 1) frame = requestAnimationFrame(move);
}

function layout() {
  const width = canvas.parentElement.clientWidth - horizontalPadding(canvas.parentElement);
  const wanted = Math.floor(Math.sqrt((width * AREA_HEIGHT) / Math.max(1, to.length)));
  const smallest = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, wanted));
  const rows = Math.ceil(to.length / Math.max(1, Math.floor(width / smallest)));
  const columns = Math.ceil(to.length / rows); // so that the last row is nearly full
  return { cell: Math.min(LARGEST_CELL, width / columns), columns, rows };
}

function horizontalPadding(box) {
  const style = getComputedStyle(box);
  return parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
}

function draw(values) {
  const { cell, columns, rows } = layout();
  const scale = devicePixelRatio;
  canvas.width = columns * cell * scale;
  canvas.height = rows * cell * scale;
  canvas.style.width = `${columns * cell}px`;
  canvas.style.height = `${rows * cell}px`;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  context.fillStyle = style.getPropertyValue("--positive");
  context.strokeStyle = style.getPropertyValue("--negative");
  context.lineWidth = 1.25;
  const full = FULL_SQUARE * mean(to.map(Math.abs));
  values.forEach((value, index) => {
    const side = Math.max(1, Math.sqrt(Math.min(1, Math.abs(value) / full)) * (cell - 1)); // the area shows the number
    const left = (index % columns) * cell + (cell - side) / 2;
    const top = Math.floor(index / columns) * cell + (cell - side) / 2;
    if (value >= 0) context.fillRect(left, top, side, side);
    else if (side > 2) context.strokeRect(left + 0.6, top + 0.6, side - 1.2, side - 1.2);
  });
}

canvas.addEventListener("pointermove", (event) => {
  const { cell, columns } = layout();
  const column = Math.min(columns - 1, Math.floor(event.offsetX / cell));
  const index = Math.floor(event.offsetY / cell) * columns + column;
  if (index in to) byId("strip-note").textContent = `Number ${count(index + 1)} is ${decimal(to[index])}.`;
});

const redraw = () => to.length && draw(valuesNow());
new ResizeObserver(redraw).observe(canvas.parentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
