// A window that slides over an array: convolution, average pooling, max pooling.
import { reduce, windows } from "./maths.js";
import { box, choice, path, put, slider, stage, stepper, text, watch } from "./ui.js";

export const start = { array: "quiz", operation: "max", filter: "edge", size: 2, stride: 2, padding: "valid", dilation: 1, place: 1 };

export const ARRAYS = {
  quiz: [[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4], [5, 7, 6, 8]],
  other: [[1, 3, 2, 0], [5, 2, 4, 4], [0, 6, 1, 0], [2, 8, 3, 5]],
  edge: [[0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9]],
  sequence: [[2, 1, 0, 3, 4, 1]],
};

/** The filter's weights, row by row; `rows` is 1 for a sequence. */
export function weights(filter, rows, size) {
  const tap = size - 2; // the single 1 stands in the middle of three places, at the first of two
  const copy = (row) => Array.from({ length: size }, (_, k) => Number(k === tap && row === Math.min(tap, rows - 1)));
  const line = {
    mean: () => Array(size).fill(1 / (rows * size)),
    edge: () => (size === 2 ? [-1, 1] : [-1, 0, 1]),
    copy,
  }[filter];
  return Array.from({ length: rows }, (_, row) => line(row)).flat();
}

/** The array, its windows, the filter, and what each window becomes. */
export function slide({ array, operation, filter, size, stride, padding, dilation }) {
  const x = ARRAYS[array];
  const apart = operation === "convolution" ? dilation : 1;
  const all = windows(x, { size, stride, dilation: apart, kind: padding });
  const kernel = weights(filter, x.length === 1 ? 1 : size, size);
  const results = all.map((line) => line.map((window) => reduce(window, operation, kernel)));
  return { x, all, kernel, results, reach: apart * (size - 1) + 1 };
}

/** Is this a number of the graded question: the mean of one of the quiz's four windows? Its reader has to work it out. */
function asked({ array, operation, filter }, window) {
  const average = operation === "average"; // what lies outside does not count
  const cells = average ? window.filter(({ value }) => value !== undefined) : window;
  const [first, last] = [cells[0], cells.at(-1)];
  const square = cells.length === 4 && last.row === first.row + 1 && last.column === first.column + 1;
  const mean = average || (operation === "convolution" && filter === "mean");
  return array === "quiz" && mean && square && first.row % 2 === 0 && first.column % 2 === 0;
}

const short = (value) => String(Math.round(value * 100) / 100).replace("-", "−");
const range = (low, high) => Array.from({ length: high - low + 1 }, (_, k) => low + k);

/** A grid of cells: its corner, the side of a cell, and the row and column that stand in the corner. */
function grid(left, top, side, row = 0, column = 0) {
  return { side, x: (j) => left + side * (j - column + 0.5), y: (i) => top + side * (i - row + 0.5) };
}

function drawing({ x, all, kernel, results }, values) {
  const flat = x.length === 1;
  const convolution = values.operation === "convolution";
  const columns = all[0]?.length ?? 0;
  const [line, column] = [Math.floor((values.place - 1) / columns), (values.place - 1) % columns];
  const window = all[line]?.[column] ?? [];
  const spots = all.flat(2);
  const rows = range(Math.min(0, ...spots.map((spot) => spot.row)), Math.max(x.length - 1, ...spots.map((spot) => spot.row)));
  const across = range(Math.min(0, ...spots.map((spot) => spot.column)), Math.max(x[0].length - 1, ...spots.map((spot) => spot.column)));
  const side = Math.min(36, (flat ? 350 : 204) / across.length);
  const wide = side * across.length;
  const input = grid(flat ? (360 - wide) / 2 : 4, 4, side, rows[0], across[0]);
  const low = side * rows.length + 4; // where the input ends

  const outSide = flat ? side : Math.min(36, 124 / Math.max(columns, 1));
  const outTop = flat ? low + 62 : Math.max(4, low / 2 - (outSide * all.length) / 2);
  const outLeft = flat ? (360 - outSide * columns) / 2 : 352 - outSide * columns;
  const output = grid(outLeft, outTop, outSide);

  const cells = rows.flatMap((i) =>
    across.map((j) => {
      const value = x[i]?.[j];
      const tap = window.findIndex((spot) => spot.row === i && spot.column === j);
      const [here, outside] = [tap >= 0, value === undefined];
      const kind = [here && "chosen", outside && "dashed"].filter(Boolean).join(" ");
      const shape = box(input.x(j), input.y(i), side - 3, side - 3, outside ? "w" : "x", here ? 0.45 : outside ? 0 : 0.1, kind);
      const words = outside ? (convolution ? "0" : "") : short(value);
      const weighted = convolution && here && side > 26;
      const weight = weighted ? text(input.x(j) + side / 2 - 3, input.y(i) + side / 2 - 4, `×${short(kernel[tap])}`, { kind: "tiny", anchor: "end" }) : "";
      return [here, shape + text(input.x(j), input.y(i) + (weight ? 0 : 4), words, { kind: outside ? "faint" : "" }) + weight];
    }),
  );
  const shown = [false, true].flatMap((here) => cells.filter(([chosen]) => chosen === here).map(([, shape]) => shape)); // the window on top
  const out = results.flatMap((row, i) =>
    row.map((value, j) => {
      const done = i * columns + j < values.place;
      const words = !done ? "" : asked(values, all[i][j]) ? "?" : short(value);
      const kind = i === line && j === column ? "chosen" : "";
      const shape = box(output.x(j), output.y(i), outSide - 3, outSide - 3, "y", done ? 0.25 : 0.04, kind);
      return shape + text(output.x(j), output.y(i) + 4, words, { kind: outSide < 30 ? "tiny" : "" });
    }),
  );
  const names = flat ? [`input, ${x[0].length} steps`, `output, ${columns} steps`] : [`input, ${x.length} by ${x.length}`, `output, ${columns} by ${columns}`];
  if (flat) {
    const from = window.length ? (input.x(window[0].column) + input.x(window.at(-1).column)) / 2 : 180;
    const captions = text(355, low + 16, names[0], { anchor: "end" }) + text(355, outTop + outSide + 16, names[1], { anchor: "end" });
    const arrow = window.length ? path([[from, low + 6], [output.x(column), outTop - 4]]) : "";
    return [outTop + outSide + 24, [...shown, ...out, arrow, captions].join("")];
  }
  const height = Math.max(low, outTop + outSide * all.length) + 24;
  const captions = text(4 + wide / 2, height - 6, names[0]) + text(columns ? outLeft + (outSide * columns) / 2 : 300, height - 6, names[1]);
  const arrow = columns ? path([[wide + 8, low / 2], [outLeft - 4, low / 2]]) : "";
  return [height, [...shown, ...out, arrow, captions].join("")];
}

/** The sentence for a window, and its number, unless the exercise asks for that. */
function reading(window, result, kernel, values) {
  const convolution = values.operation === "convolution";
  const inside = window.filter(({ value }) => value !== undefined).map(({ value }) => value);
  const products = window.map(({ value = 0 }, k) => [value, kernel[k]]).filter(([, weight]) => weight);
  const work = {
    average: () => `the mean (${inside.join(" + ")}) / ${inside.length}`,
    max: () => `the largest of ${inside.join(", ")}`,
    convolution: () => `the sum ${products.map(([value, weight]) => `${value} · ${weight < 0 ? `(${short(weight)})` : short(weight)}`).join(" + ")}`,
  }[values.operation]();
  const outside = window.length - inside.length;
  const [are, count] = outside === 1 ? ["is", convolution ? "counts as zero" : "does not count"] : ["are", convolution ? "count as zeros" : "do not count"];
  const padded = outside ? ` ${outside} of its ${window.length} places ${are} outside and ${count}.` : "";
  const verdict = asked(values, window) ? "The exercise asks you for the number." : `That is ${short(result)}.`;
  return `${work}. ${verdict}${padded}`;
}

function render({ model, el }) {
  const page = stage(el, "The input with the window that is being read, and the output so far");
  const given = () => Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
  const count = () => Math.max(slide(given()).all.flat().length, 1);
  const steps = stepper(model, "place", { label: "Window", min: 1, last: count });
  const dilation = slider(model, "dilation", { label: "Dilation", min: 1, max: 2, step: 1 });
  const filter = choice(model, "filter", { label: "Filter", options: [["edge", "right minus left"], ["mean", "mean"], ["copy", "a single 1"]] });
  const padding = choice(model, "padding", { label: "Padding", options: [["valid", "valid"], ["same", "same"], ["causal", "causal"]] });
  page.controls.append(
    choice(model, "array", { label: "Input", options: [["quiz", "the quiz's array"], ["other", "the page's picture"], ["edge", "an edge, 5 by 5"], ["sequence", "a sequence of 6"]] }),
    choice(model, "operation", { label: "Operation", options: [["max", "max pooling"], ["average", "average pooling"], ["convolution", "convolution"]] }),
    slider(model, "size", { label: "Window's side", min: 2, max: 3, step: 1 }),
    slider(model, "stride", { label: "Stride", min: 1, max: 3, step: 1 }),
    padding,
    filter,
    dilation,
    steps,
  );
  // As in Keras: not both above 1. The one that was moved last wins.
  const strideWins = () => model.get("stride") > 1 && put(model, { dilation: 1 });
  const dilationWins = () => model.get("dilation") > 1 && put(model, { stride: 1 });
  model.on("change:stride", strideWins);
  model.on("change:dilation", dilationWins);

  const undo = watch(model, Object.keys(start), () => {
    const values = given();
    const convolution = values.operation === "convolution";
    const causal = convolution && values.array === "sequence"; // as in Keras: Conv1D alone has it
    if (values.padding === "causal" && !causal) return put(model, { padding: "valid" });
    const found = slide(values);
    const { x, all, kernel, results, reach } = found;
    const windows = all.flat();
    const last = Math.max(windows.length, 1);
    if (values.place > last) return put(model, { place: last });
    const input = steps.querySelector("input");
    input.max = last;
    input.value = values.place;
    filter.hidden = dilation.hidden = !convolution;
    padding.querySelector("option[value=causal]").disabled = !causal;
    page.draw(360, ...drawing(found, values));

    const [n, columns] = [x[0].length, all[0]?.length ?? 0];
    const formula = values.padding === "valid" ? `⌊(${n} − ${reach}) / ${values.stride}⌋ + 1` : `⌈${n} / ${values.stride}⌉`;
    const size = ["size", `along an axis: ${formula}`, String(columns), columns];
    if (!windows.length) {
      page.say(`The window spans ${reach} places, and the input has ${n}. It does not fit, and Keras refuses such a layer.`);
      return page.show([size]);
    }
    const window = windows[values.place - 1];
    const result = results.flat()[values.place - 1];
    const hidden = asked(values, window);
    page.say(`Window ${values.place} of ${last}: ${reading(window, result, kernel, values)}`);
    page.show([size, ["result", `window ${values.place}`, hidden ? "?" : short(result), hidden ? undefined : result]]);
  });
  return () => {
    undo();
    model.off("change:stride", strideWins);
    model.off("change:dilation", dilationWins);
  };
}

export default { render };
