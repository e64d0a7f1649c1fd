// The five topologies, each stepped through: what is read, the state's path, what leaves.
import { readout, rnnStep, zeros } from "./maths.js";
import { box, choice, element, fixed, path, put, stage, stepper, text, watch } from "./ui.js";

export const start = { pattern: "many to one", t: 1, nudged: 0 };

const X = [[0.2, -1.8], [-1.1, 0.7], [1.8, -0.8], [0.6, -0.1]];
const STEP = { W: [[0.4, -0.2, 0.2], [-0.7, -0.8, 1]], U: [[0.7, 0.7, -0.6], [-0.3, 0.3, -0.9], [0.7, 0.4, -0.2]], b: [0.2, -0.3, 0.3] };
const READOUT = { V: [[-1.7], [0.6], [0.9]], c: [-0.3] };
const DECODER = { W: [[1.9, -0.6, 0.1]], U: [[-0.4, 0.5, 0.7], [0.1, 0.2, 0.9], [0.9, -0.7, -1.2]], b: [0.2, -0.2, -0.4] };

const dense = ["y = layers.Dense(1)(h)", "(None, 1)"];
const denses = ["y = layers.Dense(1)(h)", "(None, 4, 1)"];
const sequence = ["x = keras.Input((4, 2))", "(None, 4, 2)"];
const all = ["h = layers.SimpleRNN(3, return_sequences=True)(x)", "(None, 4, 3)"];

/** Steps that read an input, steps of a decoder, steps whose state is read out (all or the last), and the Keras calls. */
const PATTERNS = {
  "one to one": { reads: 1, steps: 1, calls: [["x = keras.Input((2,))", "(None, 2)"], ['h = layers.Dense(3, activation="tanh")(x)', "(None, 3)"], dense] },
  "one to many": {
    reads: 1,
    steps: 4,
    calls: [["x = keras.Input((2,))", "(None, 2)"], ["x = layers.Reshape((1, 2))(x)", "(None, 1, 2)"], ["x = layers.ZeroPadding1D((0, 3))(x)", "(None, 4, 2)"], all, denses],
  },
  "many to one": { reads: 4, steps: 4, last: true, calls: [sequence, ["h = layers.SimpleRNN(3)(x)", "(None, 3)"], dense] },
  "in step": { reads: 4, steps: 4, calls: [sequence, all, denses] },
  "encoder–decoder": {
    reads: 3,
    steps: 5,
    calls: [
      ["x = keras.Input((3, 2))", "(None, 3, 2)"],
      ["thought = layers.SimpleRNN(3)(x)", "(None, 3)"],
      ["told = keras.Input((2, 1))", "(None, 2, 1)"],
      ["s = layers.SimpleRNN(3, return_sequences=True)(told, initial_state=thought)", "(None, 2, 3)"],
      ["y = layers.Dense(1)(s)", "(None, 2, 1)"],
    ],
  },
};
const CODED = "encoder–decoder";

/** The steps of a topology: what each reads, the state it leaves, and the output if one leaves there. */
export function run(pattern, nudged) {
  const { reads, steps, last } = PATTERNS[pattern];
  const x = X.map((row, n) => (n + 1 === nudged ? row.map((value) => value + 1) : row));
  let [h, said] = [zeros(3), zeros(1)];
  return Array.from({ length: steps }, (_, n) => {
    const decoder = pattern === CODED && n >= reads;
    const given = decoder ? said : n < reads ? x[n] : zeros(2);
    h = rnnStep(given, h, decoder ? DECODER : STEP).h;
    const silent = last ? n < steps - 1 : pattern === CODED && !decoder;
    const y = silent ? undefined : readout(h, READOUT);
    if (decoder) said = y;
    const first = last ? steps - 1 : pattern === CODED ? reads : 0;
    return { decoder, given, h, y, number: n - first + 1, own: decoder ? n - reads + 1 : n + 1 };
  });
}

const input = ({ decoder, own }, n, reads) => (decoder ? (own === 1 ? "0" : `y_${own - 1}`) : n < reads ? `x_${n + 1}` : "0");

function drawing(steps, usual, { pattern, t, nudged }) {
  const { reads } = PATTERNS[pattern];
  const gap = 66;
  const x = (n) => 191 + gap * (n - (steps.length - 1) / 2);
  const shapes = steps.map(({ decoder, given, h, y, number, own }, n) => {
    const [done, now, at] = [n < t, n + 1 === t, x(n)];
    const [fade, kind, colour] = [done ? "" : "grid", now ? "chosen" : "", decoder ? "c" : "h"];
    const from = n ? x(n - 1) + 25 : at - 43;
    const state = h.map((value, u) => text(at, 93 + 19 * u, done ? fixed(value) : "", { kind: "small" }));
    const name = text(at, 76, `${decoder ? "s" : "h"}_${own}`, { kind: done ? "small" : "small faint" });
    const values = given.map((value, k) => text(at, 191 + (given.length === 1 ? 8 : 16 * k), fixed(value, decoder ? 2 : 1), { kind: "small" }));
    const known = done || !decoder;
    const moved = y && y[0] !== usual[n].y[0];
    const fed = decoder && own > 1 ? path([[x(n - 1) + 25, 30], [x(n - 1) + gap / 2, 30], [x(n - 1) + gap / 2, 194], [at - 23, 194]], { quantity: "y", kind: done ? "dashed" : "dashed grid", width: 1.3 }) : "";
    const out = y
      ? path([[at, 62], [at, 44]], { quantity: "y", width: now ? 2.6 : 1.5, kind: fade }) +
        `<rect x="${at - 25}" y="19" width="50" height="23" rx="11.5" class="box q-y ${done && moved ? "chosen" : ""}" style="fill-opacity:${done ? 0.3 : 0.04}"/>` +
        text(at, 35, done ? fixed(y[0]) : "", { kind: "small" }) +
        text(at, 12, `y_${number}`, { kind: done ? "small" : "small faint" })
      : "";
    return (
      fed +
      path([[from, 99], [at - 25, 99]], { quantity: "h", width: now ? 3 : 1.8, kind: done ? "" : "grid" }) +
      (n ? "" : text(at - 48, 103, "0", { anchor: "end" })) +
      path([[at, 174], [at, 138]], { quantity: "x", width: now ? 2.6 : 1.5, kind: fade }) +
      box(at, 100, 50, 74, colour, done ? 0.25 : 0.05, kind) + name + state.join("") +
      box(at, 194, 44, 38, decoder && own > 1 ? "y" : "x", done ? 0.3 : 0.05, n < reads && n + 1 === nudged ? "chosen" : "") +
      (known ? values.join("") : "") +
      text(at, 228, input({ decoder, own }, n, reads), { kind: done ? "small" : "small faint" }) +
      out
    );
  });
  const names = pattern === CODED ? text((x(0) + x(2)) / 2, 246, "encoder") + text((x(3) + x(4)) / 2, 246, "decoder") : "";
  return shapes.join("") + names;
}

const named = (letter, number) => letter + [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
const series = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0]);

function story(steps, usual, { pattern, t, nudged }) {
  const { reads } = PATTERNS[pattern];
  const { decoder, own, y, number, given } = steps[t - 1];
  const vector = given.map((value) => fixed(value, decoder ? 2 : 1)).join(", ");
  const what = decoder
    ? own === 1 ? "a zero goes in, since nothing has been said yet" : `${named("y", own - 1)}, just said, goes in again`
    : t <= reads ? `${named("x", t)} = (${vector}) is read` : "zeros go in";
  const state = t === 1 ? "the state before it is zero" : decoder && own === 1 ? "the state comes from the encoder" : "the state comes from the step before";
  const out = y ? `${named("y", number)} = ${fixed(y[0])} leaves.` : "No output leaves.";
  const where = pattern === CODED ? `, ${decoder ? "decoder" : "encoder"}` : "";
  const moves = steps.filter((step, n) => step.y && step.y[0] !== usual[n].y[0]).map((step) => named("y", step.number));
  const is = nudged > reads ? `${named("x", nudged)} is not read here.` : `Nudging ${named("x", nudged)} moves ${series(moves)}.`;
  return `Step ${t} of ${steps.length}${where}: ${what}, and ${state}. ${out}${nudged ? ` ${is}` : ""}`;
}

function render({ model, el }) {
  const page = stage(el, "Steps in a row, each with its input below, its state in the box and its output above");
  const calls = element("ol", { class: "explorable-calls", "aria-label": "In Keras, with the shapes" });
  el.append(calls);
  const count = () => PATTERNS[model.get("pattern")].steps;
  const steps = stepper(model, "t", { label: "Step", min: 1, last: count });
  page.controls.append(
    choice(model, "pattern", { label: "Topology", options: Object.keys(PATTERNS).map((name) => [name, name]) }),
    choice(model, "nudged", { label: "Nudge", options: [[0, "no input"], [1, "x₁ by 1"], [2, "x₂ by 1"], [3, "x₃ by 1"], [4, "x₄ by 1"]] }),
    steps,
  );

  return watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    if (values.t > count()) return put(model, { t: count() }); // a shorter topology
    const slider = steps.querySelector("input");
    slider.max = count();
    slider.value = values.t;
    const [usual, now] = [run(values.pattern, 0), run(values.pattern, values.nudged)];
    page.draw(360, values.pattern === CODED ? 254 : 236, drawing(now, usual, values));
    page.say(story(now, usual, values));
    const { h, y, decoder, own, number } = now[values.t - 1];
    const letter = decoder ? "s" : "h";
    page.show([
      ...h.map((value, u) => [`h-${u + 1}`, `${letter}<sub>${own}</sub>, unit ${u + 1}`, fixed(value, 4), value]),
      ["y", y ? `y<sub>${number}</sub>` : "output", y ? fixed(y[0], 4) : "none", y?.[0]],
    ]);
    calls.replaceChildren(...PATTERNS[values.pattern].calls.map(([call, shape]) => element("li", {}, element("code", {}, call), element("code", {}, shape))));
  });
}

export default { render };
