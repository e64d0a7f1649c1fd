// A window that slides over an array: convolution, average pooling, max pooling.
import { reduce, windows } from "./maths.js";
import { box, choice, path, put, slider, stage, stepper, text, watch } from "./ui.js";

export const start = { array: "quiz", operation: "average", filter: "edge", size: 2, stride: 2, same: false, dilation: 1, place: 1 };

export const ARRAYS = {
  quiz: [[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4], [5, 7, 6, 8]],
  other: [[1, 3, 2, 0], [5, 2, 4, 4], [0, 6, 1, 0], [2, 8, 3, 5]],
  edge: [[0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9], [0, 0, 9, 9, 9]],
};

/** The filter's weights, row by row. */
export function weights(filter, size) {
  const row = { mean: Array(size).fill(1 / size ** 2), edge: size === 2 ? [-1, 1] : [-1, 0, 1] }[filter];
  if (row) return Array(size).fill(row).flat();
  return Array.from({ length: size ** 2 }, (_, k) => Number(k === (size === 2 ? 0 : 4))); // one tap: a copy
}

/** The array, its windows, the filter, and what each window becomes. */
export function slide({ array, operation, filter, size, stride, same, dilation }) {
  const x = ARRAYS[array];
  const convolution = operation === "convolution";
  const settings = { size, stride, dilation: convolution ? dilation : 1, kind: same ? "same" : "valid" };
  const all = windows(x, settings);
  const kernel = weights(filter, size);
  return { x, all, kernel, results: all.map((line) => line.map((window) => reduce(window, operation, kernel))) };
}

/** Is this the part of the graded question that its reader has to work out? The first window is given as an example. */
function asked({ array, operation, filter, size, dilation }, window) {
  const mean = operation === "average" || (operation === "convolution" && filter === "mean");
  const [{ row, column }] = window;
  return array === "quiz" && mean && size === 2 && dilation === 1 && row % 2 === 0 && column % 2 === 0 && row + column > 0;
}

const short = (value) => String(Math.round(value * 100) / 100).replace("-", "−");

function render({ model, el }) {
  const page = stage(el, "The input with the window that is being read, and the output so far");
  const given = () => Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
  const count = () => slide(given()).all.length ** 2;
  const steps = stepper(model, "place", { label: "Window", min: 1, last: count });
  const dilation = slider(model, "dilation", { label: "Dilation", min: 1, max: 2, step: 1 });
  const filter = choice(model, "filter", { label: "Filter", options: [["edge", "right minus left"], ["mean", "mean"], ["copy", "a single 1"]] });
  page.controls.append(
    choice(model, "array", { label: "Input", options: [["quiz", "the quiz's array"], ["other", "the array above"], ["edge", "an edge, 5 by 5"]] }),
    choice(model, "operation", { label: "Operation", options: [["average", "average pooling"], ["max", "max pooling"], ["convolution", "convolution"]] }),
    slider(model, "size", { label: "Window's side", min: 2, max: 3, step: 1 }),
    slider(model, "stride", { label: "Stride", min: 1, max: 3, step: 1 }),
    choice(model, "same", { label: "Padding", options: [[false, "valid"], [true, "same"]] }),
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
    const { x, all, kernel, results } = slide(values);
    const last = all.length ** 2;
    if (values.place > last) return put(model, { place: last });
    const input = steps.querySelector("input");
    input.max = last;
    input.value = values.place;
    const convolution = values.operation === "convolution";
    filter.hidden = dilation.hidden = !convolution;

    const place = values.place - 1;
    const [line, column] = [Math.floor(place / all.length), place % all.length];
    const window = all[line][column];
    const spots = all.flat(2);
    const low = Math.min(0, ...spots.map(({ row }) => row));
    const high = Math.max(x.length - 1, ...spots.map(({ row }) => row));
    const cells = high - low + 1;
    const side = Math.min(36, 204 / cells);
    const at = (k) => 4 + side * (k - low + 0.5);
    const inWindow = (i, j) => window.findIndex((spot) => spot.row === i && spot.column === j);
    const shapes = [];
    const marked = [];
    for (let i = low; i <= high; i++) {
      for (let j = low; j <= high; j++) {
        const value = x[i]?.[j];
        const tap = inWindow(i, j);
        const kind = [tap >= 0 && "chosen", value === undefined && "dashed"].filter(Boolean).join(" ");
        const shape = box(at(j), at(i), side - 3, side - 3, value === undefined ? "w" : "x", tap >= 0 ? 0.45 : value === undefined ? 0 : 0.1, kind);
        const words = value === undefined ? (convolution ? "0" : "") : short(value);
        const weight = convolution && tap >= 0 && side > 26 ? text(at(j) + side / 2 - 3, at(i) + side / 2 - 4, `×${short(kernel[tap])}`, { kind: "tiny", anchor: "end" }) : "";
        (tap >= 0 ? marked : shapes).push(shape + text(at(j), at(i) + (weight ? 0 : 4), words, { kind: value === undefined ? "faint" : "" }) + weight);
      }
    }
    const outSide = Math.min(36, 124 / all.length);
    const [left, middle] = [352 - outSide * all.length, (at(low) + at(high)) / 2];
    const top = Math.max(4, middle - (outSide * all.length) / 2);
    const out = results.flatMap((row, i) =>
      row.map((value, j) => {
        const done = i * all.length + j <= place;
        const words = !done ? "" : asked(values, all[i][j]) ? "?" : short(value);
        const here = i === line && j === column;
        return box(left + outSide * (j + 0.5), top + outSide * (i + 0.5), outSide - 3, outSide - 3, "y", done ? 0.25 : 0.04, here ? "chosen" : "") +
          text(left + outSide * (j + 0.5), top + outSide * (i + 0.5) + 4, words, { kind: outSide < 30 ? "tiny" : "" });
      }),
    );
    const height = Math.max(side * cells, top + outSide * all.length) + 26;
    page.draw(
      360,
      height,
      shapes.join("") + marked.join("") + out.join("") +
        path([[side * cells + 8, middle], [left - 4, middle]]) +
        text(at((low + high) / 2), height - 6, `input, ${x.length} by ${x.length}`) +
        text(left + (outSide * all.length) / 2, height - 6, `output, ${all.length} by ${all.length}`),
    );

    const result = results[line][column];
    const inside = window.filter(({ value }) => value !== undefined).map(({ value }) => value);
    const hidden = asked(values, window);
    const work = {
      average: `the mean (${inside.join(" + ")}) / ${inside.length}`,
      max: `the largest of ${inside.join(", ")}`,
      convolution: `the sum ${window.map(({ value = 0 }, k) => [value, kernel[k]]).filter(([, weight]) => weight).map(([value, weight]) => `${value} · ${weight < 0 ? `(${short(weight)})` : short(weight)}`).join(" + ")}`,
    }[values.operation];
    const outside = window.length - inside.length;
    const padded = outside ? ` ${outside} of its ${window.length} places ${outside === 1 ? "is" : "are"} outside and ${convolution ? "count as zeros" : "do not count"}.` : "";
    const verdict = hidden ? "The exercise asks you for the number." : `That is ${short(result)}.`;
    page.say(`Window ${values.place} of ${last}: ${work}. ${verdict}${padded}`);
    page.show([
      ["size", "output", `${all.length} × ${all.length}`, all.length],
      ["result", `window ${values.place}`, hidden ? "?" : short(result), hidden ? undefined : result],
    ]);
  });
  return () => {
    undo();
    model.off("change:stride", strideWins);
    model.off("change:dilation", dilationWins);
  };
}

export default { render };
