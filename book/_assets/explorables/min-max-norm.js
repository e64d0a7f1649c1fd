// A weight matrix under Keras's MinMaxNorm.
import { clip, constrained, minMaxNorm, norm, vectors } from "./maths.js";
import { box, choice, element, fixed, path, put, slider, stage, text, watch } from "./ui.js";

export const start = { kernel: [[2, 6], [1, 2], [2, 3]], min: 1, max: 4, rate: 1, axis: "0", times: 1 };

const NAMES = { 0: "Column", 1: "Row", "(0, 1)": "Matrix" };

/** The matrix after the constraint was applied `times` times, and the norms before and after. */
export function applied({ kernel, min, max, rate, axis, times }) {
  let after = kernel;
  for (let k = 0; k < times; k++) after = constrained(after, axis, (vector) => minMaxNorm(vector, min, max, rate));
  return { after, old: vectors(kernel, axis).map(norm), now: vectors(after, axis).map(norm) };
}

function matrix(W, left, axis, norms, title) {
  const [top, width, height] = [30, 52, 28];
  const [middle, bottom, right] = [left + width, top + 3 * height, left + 2 * width];
  const entries = W.flatMap((row, i) =>
    row.map((value, j) => {
      const [x, y] = [left + width * (j + 0.5), top + height * (i + 0.5)];
      return box(x, y, width - 8, height - 8, "w", 0.04 + 0.06 * Math.min(Math.abs(value), 6)) + text(x, y + 4, fixed(value));
    }),
  );
  const frames = { 0: [0, 1].map((j) => [left + width * (j + 0.5), top + 1.5 * height, width - 2, 3 * height]) };
  frames[1] = [0, 1, 2].map((i) => [middle, top + height * (i + 0.5), 2 * width, height - 2]);
  frames["(0, 1)"] = [[middle, top + 1.5 * height, 2 * width, 3 * height]];
  const places = { 0: [0, 1].map((j) => [left + width * (j + 0.5), bottom + 16]) };
  places[1] = [0, 1, 2].map((i) => [right + 20, top + height * (i + 0.5) + 4]);
  places["(0, 1)"] = [[middle, bottom + 16]];
  return [
    text(middle, 16, title, { kind: "strong" }),
    ...frames[axis].map((frame) => box(...frame, "h", 0)),
    ...entries,
    ...norms.map((value, k) => text(...places[axis][k], fixed(value), { kind: "strong" })),
  ].join("");
}

function norms({ old, now }, { min, max, axis }) {
  const longest = Math.max(8, Math.ceil(Math.max(...old, ...now)));
  const [left, right, top] = [78, 348, 158];
  const across = (length) => left + ((right - left) * length) / longest;
  const bottom = top + 10 + 24 * old.length;
  const band = `<rect x="${across(min)}" y="${top}" width="${across(max) - across(min)}" height="${bottom - top}" class="box q-h" stroke-dasharray="3 3"/>`;
  const ticks = Array.from({ length: 9 }, (_, k) => (longest * k) / 8).map((length) => text(across(length), bottom + 15, Number(length.toFixed(1)), { kind: "small" }));
  const lines = old.map((length, k) => {
    const y = top + 17 + 24 * k;
    const moved = Math.abs(across(length) - across(now[k])) > 12;
    return (
      text(left - 8, y + 4, `${NAMES[axis]}${old.length > 1 ? ` ${k + 1}` : ""}`, { anchor: "end" }) +
      path([[left, y], [right, y]], { head: false, kind: "grid" }) +
      (moved ? path([[across(length), y], [across(now[k]), y]], { quantity: "h", width: 2 }) : "") +
      `<circle cx="${across(length)}" cy="${y}" r="5" class="box q-w"/><circle cx="${across(now[k])}" cy="${y}" r="4.5" class="dot q-h"/>`
    );
  });
  const key =
    `<circle cx="${left + 6}" cy="${bottom + 32}" r="5" class="box q-w"/>${text(left + 15, bottom + 36, "norm before", { anchor: "start" })}` +
    `<circle cx="${left + 106}" cy="${bottom + 32}" r="4.5" class="dot q-h"/>${text(left + 115, bottom + 36, "after", { anchor: "start" })}` +
    `<rect x="${left + 160}" y="${bottom + 26}" width="16" height="12" class="box q-h" stroke-dasharray="3 3"/>${text(left + 182, bottom + 36, "range", { anchor: "start" })}`;
  return band + ticks.join("") + lines.join("") + key;
}

function entries(model) {
  const field = (i, j) => {
    const input = element("input", { type: "number", min: -6, max: 6, step: 0.5, "aria-label": `Row ${i + 1}, column ${j + 1}` });
    input.addEventListener("change", () => {
      const kernel = structuredClone(model.get("kernel"));
      kernel[i][j] = clip(Number(input.value) || 0, -6, 6);
      input.value = kernel[i][j];
      put(model, { kernel });
    });
    watch(model, ["kernel"], () => {
      input.value = model.get("kernel")[i][j];
    });
    return input;
  };
  const rows = [0, 1, 2].map((i) => element("div", {}, field(i, 0), field(i, 1)));
  return element("div", { class: "explorable-matrix", role: "group", "aria-label": "The kernel" }, element("span", {}, "Kernel"), element("div", {}, ...rows));
}

function render({ model, el }) {
  const page = stage(el, "The kernel before and after, and its norms on a line with the range");
  const two = (value) => fixed(value);
  page.controls.append(
    slider(model, "min", { label: "min_value", min: 0, max: 8, step: 0.25, show: two }),
    slider(model, "max", { label: "max_value", min: 0, max: 8, step: 0.25, show: two }),
    slider(model, "rate", { label: "rate", min: 0, max: 1, step: 0.05, show: two }),
    slider(model, "times", { label: "Times applied", min: 0, max: 10, step: 1 }),
    choice(model, "axis", {
      label: "axis",
      options: [["0", "0: each column"], ["1", "1: each row"], ["(0, 1)", "(0, 1): all"]],
    }),
    entries(model),
  );
  const lift = () => model.get("max") < model.get("min") && put(model, { max: model.get("min") });
  const lower = () => model.get("max") < model.get("min") && put(model, { min: model.get("max") });
  model.on("change:min", lift);
  model.on("change:max", lower);

  const undo = watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const found = applied(values);
    const { min, max, axis, times, kernel } = values;
    page.draw(
      360,
      216 + 24 * found.old.length,
      matrix(kernel, 16, axis, found.old, "before") +
        path([[164, 72], [196, 72]]) +
        matrix(found.after, 204, axis, found.now, "after") +
        norms(found, values),
    );
    const said = found.old.map((length, k) => {
      const name = `${NAMES[axis]}${found.old.length > 1 ? ` ${k + 1}` : ""}`;
      const why = length < min ? "too short" : length > max ? "too long" : "in the range";
      return `${name} had the norm ${fixed(length)}, ${why}, and has ${fixed(found.now[k])}.`;
    });
    page.say(`Applied ${times} ${times === 1 ? "time" : "times"}. ${said.join(" ")}`);
    page.show(
      found.now.flatMap((length, k) => {
        const name = `${NAMES[axis].toLowerCase()}${found.old.length > 1 ? ` ${k + 1}` : ""}`;
        return [[`norm-${k + 1}`, `norm of ${name}`, `${fixed(found.old[k], 3)} → ${fixed(length, 3)}`, length]];
      }),
    );
  });
  return () => {
    undo();
    model.off("change:min", lift);
    model.off("change:max", lower);
  };
}

export default { render };
