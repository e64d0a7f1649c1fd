// An experiment that was run beforehand on a grid of settings, with several seeds in each: a dot a seed.
import { bar, learned } from "./maths.js";
import { choice, fixed, path, slider, stage, text, watch } from "./ui.js";

export const start = { at: [], seed: 0 };

const [LEFT, RIGHT, TOP, BOTTOM] = [34, 354, 52, 220];
const NAMES = 12; // characters of a column's name in one line

/** The numbers of right answers, one for each seed, at a place of the grid. */
export const cell = (run, at) => at.reduce((inner, k) => inner[k], run.right);

/** How many of these are more than chance, by the book's one rule. */
export const enough = (run, counts) => counts.filter((count) => learned(count / run.examples, run.examples, run.guessing)).length;

const shown = (value) => String(value).replace("-", "−");

/** One entry of `at` as a model of its own, for a control. */
function entry(model, k, at) {
  return {
    get: () => at()[k],
    set: (_, value) => model.set("at", at().with(k, value)),
    on: (_, listener) => model.on("change:at", listener),
    off: (_, listener) => model.off("change:at", listener),
    save_changes: () => model.save_changes(),
  };
}

/** All columns of the strip; the chosen one framed, one seed joined from column to column. */
function drawing(run, at, seed) {
  const across = run.axes.at(-1);
  const every = run.right.flat(Infinity);
  const low = Math.floor((10 * Math.min(...every)) / run.examples) / 10;
  const wide = (RIGHT - LEFT) / across.values.length;
  const gap = Math.min(wide / 10, 6);
  const y = (share) => Math.round(100 * (BOTTOM - ((BOTTOM - TOP) * (share - low)) / (1 - low))) / 100;
  const x = (k, s, all) => Math.round(100 * (LEFT + wide * (k + 0.5) + gap * (s - (all - 1) / 2))) / 100;
  const limit = bar(run.examples, run.guessing);
  const columns = across.values.map((name, k) => {
    const counts = cell(run, at.with(-1, k));
    const dots = counts.map((count, s) => {
      const share = count / run.examples;
      const kind = learned(share, run.examples, run.guessing) ? "learned" : "guessed";
      const ring = s === seed ? `<circle cx="${x(k, s, counts.length)}" cy="${y(share)}" r="6" class="ring"/>` : "";
      return `<circle cx="${x(k, s, counts.length)}" cy="${y(share)}" r="3.2" class="dot q-h ${kind}"/>${ring}`;
    });
    const middle = LEFT + wide * (k + 0.5);
    const words = shown(name).length > NAMES ? shown(name).split(/ (?=the )/) : [shown(name)];
    const names = words.map((word, line) => text(middle, BOTTOM + 16 + 12 * line, word, { kind: k === at.at(-1) ? "strong small" : "small" }));
    const frame = k === at.at(-1) ? `<rect x="${LEFT + wide * k + 1}" y="${TOP - 24}" width="${wide - 2}" height="${BOTTOM - TOP + 30}" rx="4" class="box q-w chosen" style="fill-opacity:0"/>` : "";
    return text(middle, TOP - 11, `${enough(run, counts)}/${counts.length}`, { kind: k === at.at(-1) ? "strong small" : "small" }) + dots.join("") + names.join("") + frame;
  });
  const seeds = across.values.map((_, k) => {
    const counts = cell(run, at.with(-1, k));
    return [x(k, seed, counts.length), y(counts[seed] / run.examples)];
  });
  const ticks = [low, (1 + low) / 2, 1].map((share) => text(LEFT - 5, y(share) + 4, fixed(share, share * 10 === Math.round(share * 10) ? 1 : 2), { anchor: "end", kind: "small" }));
  const line = (share, kind) => path([[LEFT, y(share)], [RIGHT, y(share)]], { head: false, kind });
  return [
    path([[LEFT, 10], [LEFT + 20, 10]], { head: false, kind: "dashed" }) + text(LEFT + 25, 14, "more than chance above", { anchor: "start", kind: "small" }),
    path([[LEFT + 170, 10], [LEFT + 190, 10]], { head: false, kind: "axis" }) + text(LEFT + 195, 14, "guessing", { anchor: "start", kind: "small" }),
    text(2, TOP - 11, "seeds", { anchor: "start", kind: "tiny" }),
    text(2, (TOP + BOTTOM) / 2 + 30, "accu-", { anchor: "start", kind: "tiny" }) + text(2, (TOP + BOTTOM) / 2 + 40, "racy", { anchor: "start", kind: "tiny" }),
    ...ticks,
    line(limit, "dashed"),
    line(run.guessing, "axis"),
    path(seeds, { head: false, kind: "grid", width: 1.5 }),
    ...columns,
    text((LEFT + RIGHT) / 2, BOTTOM + 44, across.label.toLowerCase(), { kind: "small" }),
  ].join("");
}

function render({ model, el }) {
  const run = model.get("run");
  const seeds = cell(run, run.at).length;
  const page = stage(el, "Accuracy of every seed, a column for each value of the last setting, with the lines of guessing and of what is more than chance");
  el.classList.add("explorable-seeds");
  const at = () => (model.get("at").length ? model.get("at") : run.at);
  const controls = run.axes.map(({ label, values }, k) => {
    const one = entry(model, k, at);
    const numbers = values.every((value) => typeof value === "number") || k === run.axes.length - 1;
    const box = numbers || values.length > 3
      ? slider(one, "at", { label, min: 0, max: values.length - 1, step: 1, show: (j) => shown(values[j]) })
      : choice(one, "at", { label, options: values.map((value, j) => [j, shown(value)]) });
    box.dataset.axis = k;
    return box;
  });
  const [first, ...others] = controls;
  const across = others.pop();
  page.controls.append(first, across, ...others, slider(model, "seed", { label: "One seed of them", min: 0, max: seeds - 1, step: 1 }));

  return watch(model, Object.keys(start), () => {
    const [place, seed] = [at(), model.get("seed")];
    const counts = cell(run, place);
    const shares = counts.map((count) => count / run.examples);
    const asked = run.axes.map(({ only = [place[0]] }) => only.includes(place[0]));
    controls.forEach((box, k) => (box.hidden = !asked[k]));
    page.draw(360, 268, drawing(run, place, seed));
    const settings = run.axes.map(({ label, values }, k) => (k ? `${label.toLowerCase()}: ${shown(values[place[k]])}` : shown(values[place[k]]))).filter((_, k) => asked[k]);
    page.say(`${settings.join("; ")}. More than chance: ${enough(run, counts)} of ${seeds} seeds. Seed ${seed} alone: ${fixed(shares[seed])}.`);
    page.show([
      ["bar", "more than chance above", fixed(bar(run.examples, run.guessing), 3), bar(run.examples, run.guessing)],
      ...shares.map((share, s) => [`seed-${s}`, `seed ${s}`, fixed(share), share]),
    ]);
  });
}

export default { render };
