// A recurrent layer, unrolled over a sentence and stepped through.
import { norm, rnnStep, zeros } from "./maths.js";
import { box, choice, fixed, path, stage, stepper, text, tick, watch } from "./ui.js";

export const start = { t: 1, first: "My", carry: true };

const VOCABULARY = ["My", "class", "is", "the", "best", "."];
const SENTENCE = ["My", "class", "is", "the", "best", "class"];
const LAST = SENTENCE.length;
const WEIGHTS = {
  W: [[0.6, 0.3, 2.1], [-0.8, -1.3, 0.8], [0.8, -0.4, -0.1], [-0.3, 0.4, -0.3], [0.6, 0.6, -0.1], [-0.3, 0.9, 0.4]],
  U: [[1.2, -0.3, 0.1], [-0.3, 0.2, 0.4], [-0.1, 0.5, 0.5]],
  b: [0.1, -0.2, -0.3],
};

const oneHot = (word) => VOCABULARY.map((other) => Number(other === word));

/** What each step gets and makes. `carry` hands the state on; without it, each step starts from zeros. */
export function read(words, carry) {
  let h = zeros(3);
  return words.map((word) => {
    const before = carry ? h : zeros(3);
    const step = rnnStep(oneHot(word), before, WEIGHTS);
    h = step.h;
    return { word, before, ...step };
  });
}

const at = (t) => 24 + 51 * t;
const cell = (x, y, value, quantity, { width = 42, fill = 0.06 + 0.5 * Math.abs(value), kind = "", digits = 2 } = {}) =>
  box(x, y, width, 17, quantity, fill, kind) + text(x, y + 3.5, fixed(value, digits), { kind: digits === 2 && width < 38 ? "tiny" : "small" });

/** The chain: a box a step, the word below it, the state that it leaves above it. */
function chain(steps, usual, { t, first, carry }) {
  const states = [zeros(3), ...steps.map(({ h }) => h)].map((h, n) => {
    const known = n <= t;
    const column = h.map((value, u) => (known ? cell(at(n), 30 + 19 * u, value, "h", { kind: n === t ? "chosen" : "" }) : box(at(n), 30 + 19 * u, 42, 17, "h", 0)));
    return text(at(n), 14, `h_${n}`, { kind: known ? "" : "faint" }) + column.join("");
  });
  const boxes = steps.map(({ word }, n) => {
    const [x, now, done] = [at(n + 1), n + 1 === t, n < t];
    const fade = done ? "" : "grid";
    const from = n ? [[at(n) + 19, 106], [x - 18, 106]] : [[at(0), 80], [at(0), 106], [x - 18, 106]];
    const arrow = carry ? path(from, { quantity: "h", width: now ? 3 : 1.8, kind: fade }) : text(x - 25, 110, "0", { kind: done ? "" : "faint" });
    return (
      arrow +
      path([[x, 144], [x, 119]], { quantity: "x", width: now ? 2.6 : 1.5, kind: fade }) +
      path([[x, 93], [x, 79]], { quantity: "h", width: now ? 2.6 : 1.5, kind: fade }) +
      box(x, 106, 36, 24, "w", done ? 0.3 : 0.08, now ? "chosen" : "") +
      text(x, 109.5, "W U b", { kind: "tiny" }) +
      text(x, 158, word, { kind: now ? "strong" : done ? "" : "faint" })
    );
  });
  const moved = steps.map(({ h }, n) => (n < t ? text(at(n + 1), 180, fixed(norm(h.map((value, u) => value - usual[n].h[u]))), { kind: "small" }) : ""));
  const row = first === "My" ? "" : text(4, 180, "moved", { anchor: "start", kind: "small" }) + moved.join("");
  return [...states, ...boxes, row].join("");
}

/** The one set of weights, and what the step `now` does with it. */
function weights(now) {
  const [top, rows, columns] = [232, [...zeros(6).keys()].map((row) => 236 + 19 * row), [264, 297, 330]];
  const lit = (row) => now && VOCABULARY[row] === now.word;
  const entry = (x, y, value, kind = "", fill = 0.08) => cell(x, y, value, "w", { width: 31, fill, kind, digits: 1 });
  const kernel = WEIGHTS.W.map(
    (row, i) =>
      text(44, rows[i] + 4, VOCABULARY[i], { anchor: "end", kind: lit(i) ? "strong small" : "small" }) +
      cell(61, rows[i], lit(i) ? 1 : 0, "x", { width: 22, fill: lit(i) ? 0.5 : 0.04, digits: 0 }) +
      row.map((value, u) => entry([98, 131, 164][u], rows[i], value, lit(i) ? "chosen" : "", lit(i) ? 0.4 : 0.08)).join(""),
  );
  const recurrent = WEIGHTS.U.map(
    (row, k) => cell(224, rows[k], (now?.before ?? zeros(3))[k], "h", { width: 38 }) + row.map((value, u) => entry(columns[u], rows[k], value)).join(""),
  );
  const bias = text(232, rows[3] + 8, "b", { anchor: "end" }) + WEIGHTS.b.map((value, u) => entry(columns[u], rows[3] + 4, value)).join("");
  const result = now ? text(240, rows[5] + 4, "h_t", { anchor: "end" }) + now.h.map((value, u) => cell(columns[u], rows[5], value, "h", { width: 31, kind: "chosen" })).join("") : "";
  const arrow = now ? path([[297, rows[3] + 15], [297, rows[5] - 10]]) + text(290, rows[4] + 8, "tanh of the sum", { anchor: "end", kind: "small" }) : "";
  const heads = text(61, top - 14, "x_t") + text(131, top - 14, "W") + text(224, top - 14, "h_{t−1}") + text(297, top - 14, "U");
  return text(180, 202, "one set of weights, the same at every step", { kind: "strong" }) + heads + [...kernel, ...recurrent].join("") + bias + arrow + result;
}

const listed = (h) => `(${h.map((value) => fixed(value)).join(", ")})`;

function story(steps, usual, { t, first, carry }) {
  if (t === 0) return "Nothing has been read yet. The state is zero.";
  const { word, h } = steps[t - 1];
  const old = t === 1 || !carry ? "a state of zeros" : `the state that “${steps[t - 2].word}” has left`;
  const twice = steps.findIndex((step, n) => n < t - 1 && step.word === word) + 1;
  const same = twice && norm(h.map((value, u) => value - steps[twice - 1].h[u])) === 0;
  const again = twice ? ` The same word went in at step ${twice}, and it left ${same ? "the same" : "another"} state.` : "";
  const changed = first === "My" ? "" : ` Had the sentence begun with “My”, it would be ${listed(usual[t - 1].h)}.`;
  return `Step ${t} of ${LAST}: “${word}” goes in, with ${old}. The new state is ${listed(h)}.${again}${changed}`;
}

function render({ model, el }) {
  const page = stage(el, "Six steps in a row with the words below and the states above; under them the weights, once");
  page.controls.append(
    stepper(model, "t", { label: "Words read", min: 0, last: () => LAST }),
    choice(model, "first", { label: "First word", options: VOCABULARY.slice(0, 5).map((word) => [word, word]) }),
    tick(model, "carry", { label: "Hand the state on" }),
  );

  return watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const usual = read(SENTENCE, values.carry);
    const steps = read([values.first, ...SENTENCE.slice(1)], values.carry);
    const now = values.t > 0 ? steps[values.t - 1] : undefined;
    page.draw(360, 346, chain(steps, usual, values) + weights(now));
    page.say(story(steps, usual, values));
    const parts = (u) => [now.fromInput[u], now.fromState[u], WEIGHTS.b[u]].map((value) => fixed(value)).join(" +\u00a0").replaceAll("+\u00a0−", "−\u00a0");
    const rows = zeros(3).map((_, u) => [`h-${u + 1}`, now ? `unit ${u + 1}: tanh(${parts(u)})` : `unit ${u + 1}`, fixed(now?.h[u] ?? 0), now?.h[u] ?? 0]);
    const far = now ? norm(now.h.map((value, u) => value - usual[values.t - 1].h[u])) : 0;
    page.show(values.first === "My" ? rows : [...rows, ["moved", `the state, moved by “${values.first}”`, fixed(far, 3), far]]);
  });
}

export default { render };
