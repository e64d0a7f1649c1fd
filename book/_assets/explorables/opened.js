// A trained LSTM and a trained GRU (book/runs/opened.py), opened: one unit's gates and states, word by word.
import { clip, gruCandidate, gruState, lstmStep, readout, rowTimes, sigmoid, sum, zeros } from "./maths.js";
import { box, choice, fixed, path, put, slider, stage, stepper, text, watch } from "./ui.js";
import stored from "../../runs/opened.json" with { type: "json" };

export const start = { network: "LSTM", when: "", subject: "cats", phrases: 1, nouns: "other", unit: 0, exchanged: 0, t: 5 };

const VOCABULARY = stored.results.vocabulary.split(" ");
const NETWORKS = Object.fromEntries(
  ["LSTM", "GRU"].map((name) => {
    const { shown, seeds, hundredths } = stored.results[name];
    const array = (key) => hundredths[key].map((row) => row.split(" ").map((value) => value / 100));
    const [W, U, b, V, [c]] = ["kernel", "recurrent_kernel", "bias", "V", "c"].map(array);
    const { apart } = seeds.find(({ seed }) => seed === shown);
    const order = apart.map((_, u) => u).sort((u, v) => apart[v] - apart[u]); // the one that tells the number best first
    return [name, { W, U, b, V, c, order }];
  }),
);
const UNITS = NETWORKS.LSTM.U.length;
const OTHER = { cat: "cats", horse: "horses", teacher: "teachers" };
Object.entries(OTHER).forEach(([one, several]) => (OTHER[several] = one));
const BETWEEN = [["near", "dog"], ["that saw", "bird"], ["behind", "horse"]];
const FORMS = stored.results.forms;
const ROWS = {
  LSTM: [["f", "f", "f"], ["i", "i", "i"], ["g", "c̃", "g"], ["o", "o", "o"], ["c", "c", "c"], ["h", "h", "h"]],
  GRU: [["z", "z", "z"], ["r", "r", "r"], ["g", "h̃", "g"], ["h", "h", "h"]],
}; // key, sign, colour
const SIGNED = ["g", "c", "h"];

const several = (noun) => noun.endsWith("s");

/** The words before the verb, and the place of the subject among them. */
export function sentence({ when, subject, phrases, nouns }) {
  const words = [...(when ? [when] : []), "the", subject];
  const place = words.length - 1;
  for (let k = 0; k < phrases; k++) {
    const [before, noun] = BETWEEN[k];
    const plural = { same: several(subject), other: !several(subject), turn: several(subject) === (k % 2 === 1) }[nouns];
    words.push(...before.split(" "), "the", noun + (plural ? "s" : ""));
  }
  return { words, place };
}

/** One more word: the gates, the candidate and the states of all units. */
function step(network, word, { h, c }) {
  const { W, U, b } = NETWORKS[network];
  const [fromInput, fromState] = [W[VOCABULARY.indexOf(word)], rowTimes(h, U)];
  const all = (k, squash) => zeros(UNITS).map((_, u) => squash(sum([fromInput, fromState, ...b].map((part) => part[k * UNITS + u]))));
  if (network === "LSTM") {
    const [i, f, g, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((squash, k) => all(k, squash));
    const after = zeros(UNITS).map((_, u) => lstmStep({ f: f[u], i: i[u], o: o[u], g: g[u] }, c[u]));
    return { f, i, g, o, c: after.map((one) => one.c), h: after.map((one) => one.h) };
  }
  const [z, r] = [all(0, sigmoid), all(1, sigmoid)];
  const last = (values) => values.slice(2 * UNITS);
  const g = gruCandidate({ fromInput: last(fromInput), hPrev: h, r, U: U.map(last), b: last(b[0]), bRecurrent: last(b[1]), after: true });
  return { z, r, g, h: h.map((value, u) => gruState({ hPrev: [value], candidate: [g[u]], z: z[u], kept: true })[0]) };
}

/**
 * What every word leaves behind, and how likely each of the four verbs is, should it come next. After the last word these
 * `units` (from 0) take over what they hold in the sentence `other`.
 */
export function read(network, words, { units = [], other = [] } = {}) {
  const theirs = units.length ? read(network, other).at(-1) : {};
  let row = { h: zeros(UNITS), c: zeros(UNITS) };
  return words.map((word, k) => {
    row = { word, ...step(network, word, row) };
    for (const u of k === words.length - 1 ? units : []) {
      if (network === "LSTM") row.c[u] = theirs.c[u];
      row.h[u] = network === "LSTM" ? row.o[u] * Math.tanh(row.c[u]) : theirs.h[u];
    }
    const weights = readout(row.h, NETWORKS[network]).map(Math.exp);
    const forms = Object.fromEntries(FORMS.map((form, n) => [form, weights[n] / sum(weights)]));
    return { ...row, forms, plural: forms.were + forms.are };
  });
}

const percent = (p) => (p > 0.995 ? "over 99\u00a0%" : p < 0.005 ? "under 1\u00a0%" : `${Math.round(100 * p)}\u00a0%`);
const likeliest = (forms) => FORMS.reduce((best, form) => (forms[form] > forms[best] ? form : best));

/** A row for each gate and state of the unit, a column for each word. Gates grow from the line, the others up or down. */
function draw(network, rows, u, t, exchanged) {
  const [left, wide, high, top] = [40, 316 / Math.max(rows.length, 8), 33, 42];
  const x = (k) => left + wide * (k + 0.5);
  const most = Math.max(1, ...rows.map((row) => Math.abs(row.c?.[u] ?? 0))); // c alone may leave −1 to 1
  const heads = rows.map(({ word }, k) =>
    text(clip(x(k), left - 18 + 3.2 * word.length, 357 - 3.2 * word.length), k % 2 ? 32 : 16, word, { kind: `${k === t - 1 ? "strong" : k < t ? "" : "faint"} small` }),
  );
  const drawn = [...ROWS[network], ["plural", "verb", "y"]].map(([key, sign, quantity], line) => {
    const signed = SIGNED.includes(key);
    const low = top + high * (line + 1) - 4;
    const base = signed ? low - (high - 8) / 2 : low;
    const bars = rows.slice(0, t).map((row, k) => {
      const value = key === "plural" ? row.plural : row[key][u];
      const long = signed ? (Math.abs(value) / (key === "c" ? most : 1)) * ((high - 8) / 2) : value * (high - 8);
      const y = signed && value < 0 ? base : base - long;
      const mark = exchanged && k === rows.length - 1 && "ch".includes(key) ? "chosen" : "";
      return `<rect x="${fixed(x(k) - wide * 0.36)}" y="${fixed(y)}" width="${fixed(wide * 0.72)}" height="${fixed(long)}" class="box q-${quantity} ${mark}" style="fill-opacity:${signed && value < 0 ? 0.2 : 0.75};stroke-width:${mark ? 2.4 : 0.8}"/>`.replaceAll("−", "-");
    });
    const ends = signed ? [] : [path([[left, low - high + 8], [358, low - high + 8]], { head: false, width: 0.6, kind: "grid" })];
    const scale = key === "c" && most > 1 ? text(left - 6, base + 13, `±${fixed(most, 1)}`, { anchor: "end", kind: "tiny" }) : "";
    return scale + text(left - 6, base + (signed ? 3 : -6), sign, { anchor: "end", kind: "strong" }) + path([[left, base], [358, base]], { head: false, width: 0.8, kind: "axis" }) + ends.join("") + bars.join("");
  });
  const height = high * drawn.length;
  const now = t ? box(x(t - 1), top + height / 2, wide - 1, height + 2, "w", 0, "chosen") : "";
  return [360, top + height + 6, heads.join("") + drawn.join("") + now];
}

function story({ network, t }, { words, other, rows, plain, u, units }) {
  if (t === 0) return "Nothing has been read yet, and the states are zero.";
  const { word, forms, ...row } = rows[t - 1];
  const said = [`After “${word}”, word ${t} of ${words.length}:`];
  if (network === "LSTM") said.push(`unit ${u + 1} has kept ${percent(row.f[u])} of its cell state, and holds ${fixed(row.c[u])}.`);
  else said.push(`unit ${u + 1} has kept ${percent(row.z[u])} of its state, and holds ${fixed(row.h[u])}.`);
  const best = likeliest(forms);
  said.push(`Should the verb come next, “${best}” gets ${percent(forms[best])}.`);
  if (units.length && t === words.length) {
    const before = likeliest(plain.at(-1).forms);
    said.push(`${units.length === 1 ? "One unit holds" : `${units.length} units hold`} what belongs to “${other.join(" ")}”.`);
    said.push(before === best ? `The answer is “${best}” as before.` : `That turns “${before}” into “${best}”.`);
  }
  return said.join(" ");
}

function render({ model, el }) {
  const page = stage(el, "Gates and states of one unit after each word, and how likely a plural verb is");
  el.classList.add("explorable-sentence");
  const values = () => Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
  const last = () => sentence(values()).words.length;
  const steps = stepper(model, "t", { label: "Words read", min: 0, last });
  const units = [[0, "the one found"], ...zeros(UNITS).map((_, u) => [u + 1, `unit ${u + 1}`])];
  page.controls.append(
    choice(model, "network", { label: "Network", options: [["LSTM", "LSTM"], ["GRU", "GRU"]] }),
    choice(model, "unit", { label: "Unit", options: units }),
    choice(model, "subject", { label: "Subject", options: Object.keys(OTHER).sort().map((noun) => [noun, `the ${noun}`]) }),
    choice(model, "when", { label: "In front", options: [["", "nothing"], ["today", "today"], ["yesterday", "yesterday"]] }),
    slider(model, "phrases", { label: "Phrases between", min: 0, max: BETWEEN.length, step: 1 }),
    choice(model, "nouns", { label: "Nouns in them", options: [["other", "the other number"], ["same", "the same number"], ["turn", "in turn"]] }),
    slider(model, "exchanged", { label: "Units exchanged", min: 0, max: UNITS, step: 1 }),
    steps,
  );
  let before = last();
  return watch(model, Object.keys(start), () => {
    const now = values();
    const { words, place } = sentence(now);
    if (words.length !== before) {
      before = words.length;
      if (now.t !== before) return put(model, { t: before }); // another sentence is read to its end
    }
    const range = steps.querySelector("input");
    range.max = words.length;
    range.value = now.t;
    const { order } = NETWORKS[now.network];
    const [u, units] = [now.unit ? now.unit - 1 : order[0], order.slice(0, now.exchanged)];
    const other = words.map((word, k) => (k === place ? OTHER[word] : word));
    const rows = read(now.network, words, { units, other });
    page.draw(...draw(now.network, rows, u, now.t, units.includes(u)));
    page.say(story(now, { words, other, rows, plain: read(now.network, words), u, units }));
    const row = rows[now.t - 1];
    page.show([
      ["unit", "unit", String(u + 1), u + 1],
      ...ROWS[now.network].map(([key, sign]) => [key, sign, fixed(row ? row[key][u] : 0, 3), row ? row[key][u] : 0]),
      ...(row ? [["plural", "plural", fixed(row.plural, 3), row.plural]] : []),
    ]);
  });
}

export default { render };
