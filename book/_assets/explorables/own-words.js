// A sentence of the reader's own, judged word by word by a small LSTM and by a bag of words (book/runs/own_words.py).
import { lstmStep, readout, rowTimes, sigmoid, sum, zeros } from "./maths.js";
import { buttons, field, fixed, path, put, stage, stepper, text, watch } from "./ui.js";
import stored from "../../runs/own_words.json" with { type: "json" };

export const start = { text: "The film is not dull. It is witty.", t: 5 };

const WORDS = stored.results.words.split(" ");
const [E, W, U, [B], V, [C]] = ["embeddings", "kernel", "recurrent_kernel", "bias", "V", "c"].map((name) =>
  stored.results.hundredths[name].map((row) => row.split(" ").map((hundredths) => hundredths / 100)),
);
const EMPTY = stored.results.bag_hundredths.empty / 100;
const ADDS = stored.results.bag_hundredths.adds.split(" ").map((hundredths) => hundredths / 100);
const UNITS = U.length;
const [BEGIN, UNKNOWN, FIRST] = [1, 2, 4]; // numbers in Keras's convention
const MOST = 40; // words of a text
const SHOWN = 14; // words in the drawing at once
const LONGEST = 12; // letters of a word in the drawing
const EXAMPLES = ["It is not dull. It is witty.", "It is not witty. It is dull.", "My uncle called it dull and was mistaken."];

/** The words of a text, as reviews.py has them; and whether there are more than are read. */
export function parse(typed) {
  const all = typed.toLowerCase().match(/[a-z']+/g) ?? [];
  return { words: all.slice(0, MOST), long: all.length > MOST };
}

/** What both say before the first word and after each: how likely the review is good. */
export function judge(words) {
  let [h, c, odds] = [zeros(UNITS), zeros(UNITS), EMPTY];
  const seen = new Set();
  return ["", ...words].map((word, k) => {
    const place = WORDS.indexOf(word);
    const x = E[k === 0 ? BEGIN : place < 0 ? UNKNOWN : FIRST + place];
    const [fromInput, fromState] = [rowTimes(x, W), rowTimes(h, U)];
    const gate = (block, squash) => zeros(UNITS).map((_, u) => squash(sum([fromInput, fromState, B].map((part) => part[block * UNITS + u]))));
    const [i, f, g, o] = [sigmoid, sigmoid, Math.tanh, sigmoid].map((squash, block) => gate(block, squash));
    const after = zeros(UNITS).map((_, u) => lstmStep({ f: f[u], i: i[u], o: o[u], g: g[u] }, c[u]));
    [h, c] = [after.map((one) => one.h), after.map((one) => one.c)];
    const adds = place < 0 || seen.has(word) ? 0 : ADDS[place];
    seen.add(word);
    odds += adds;
    return { word, known: place >= 0, adds, lstm: sigmoid(readout(h, { V, c: C })[0]), bag: sigmoid(odds) };
  });
}

const percent = (p) => (p > 0.995 ? "over 99\u00a0%" : p < 0.005 ? "under 1\u00a0%" : `${Math.round(100 * p)}\u00a0%`);
const short = (word, most) => (word.length > most ? `${word.slice(0, most - 1)}…` : word);

/** Two lines over the words. The words themselves are put in as text afterwards, by `label`. */
function draw(rows, t) {
  const first = Math.max(0, Math.min(t - SHOWN + 2, rows.length - SHOWN));
  const some = rows.slice(first, first + SHOWN);
  const [left, right, top, low] = [44, 346, 34, 170];
  const [x, y] = [(k) => left + ((right - left) * (k - first + 0.5)) / SHOWN, (p) => low - (low - top) * p];
  const grid = [[1, "good"], [0.5, "50 %"], [0, "bad"]].map(
    ([p, name]) => path([[left, y(p)], [right, y(p)]], { head: false, width: 0.8, kind: p === 0.5 ? "axis dashed" : "grid" }) + text(left - 5, y(p) + 4, name, { anchor: "end", kind: "small" }),
  );
  const line = (name, quantity, mark, kind) => {
    const points = some.map((row, k) => [x(first + k), y(row[name])]).slice(0, t - first + 1);
    const drawn = points.length > 1 ? path(points, { quantity, head: false, width: 2, kind }) : "";
    return drawn + points.map(([a, b]) => mark(a, b, quantity)).join("");
  };
  const round = (a, b, quantity) => `<circle cx="${fixed(a)}" cy="${fixed(b)}" r="4.5" class="dot q-${quantity}"/>`;
  const square = (a, b, quantity) => `<rect x="${fixed(a - 4)}" y="${fixed(b - 4)}" width="8" height="8" class="box q-${quantity}"/>`;
  const key = round(left + 6, 14, "h") + text(left + 16, 18, "LSTM", { anchor: "start", kind: "strong" }) + square(left + 76, 14, "y") + text(left + 86, 18, "bag of words", { anchor: "start", kind: "strong" });
  const words = some.map(({ known }, k) => {
    const n = first + k;
    const kind = n === t ? "strong" : n > t ? "faint" : "";
    const place = `x="${fixed(x(n) + 3)}" y="188" transform="rotate(-55 ${fixed(x(n) + 3)} 188)"`;
    return `<text ${place} text-anchor="end" class="small ${kind}" data-n="${n}" data-known="${known}"></text>`;
  });
  return key + grid.join("") + line("bag", "y", square, "dashed") + line("lstm", "h", round, "") + words.join("");
}

/** What a reader typed is text and nothing else. */
function label(el, rows) {
  for (const place of el.querySelectorAll("text[data-n]")) {
    const n = Number(place.dataset.n);
    place.textContent = n === 0 ? "(start)" : short(rows[n].word, LONGEST) + (rows[n].known ? "" : " ?");
  }
}

function story(rows, t, long) {
  const { word, known, adds, lstm, bag } = rows[t];
  const said = [t ? `After “${short(word, 16)}”, word ${t} of ${rows.length - 1},` : "Before the first word", `the LSTM says good with ${percent(lstm)}, the bag of words with ${percent(bag)}.`];
  if (t && !known) said.push("Neither knows this word: the bag leaves it out, the LSTM reads it as it reads a name.");
  else if (t && adds === 0) said.push("The bag has it already, or it has no weight.");
  else if (t) said.push(`For the bag it is a word of ${adds > 0 ? "good" : "bad"} reviews${Math.abs(adds) < 0.3 ? ", barely" : ""}.`);
  const unknown = [...new Set(rows.slice(1).filter((row) => !row.known).map((row) => short(row.word, 16)))];
  if (unknown.length) said.push(`Not known: ${unknown.slice(0, 4).map((one) => `“${one}”`).join(", ")}${unknown.length > 4 ? " and more" : ""}.`);
  if (long) said.push(`Only the first ${MOST} words are read.`);
  return said.join(" ");
}

function render({ model, el }) {
  const page = stage(el, "How likely the review is good after each word, for the LSTM and for the bag of words");
  const typed = (said) => put(model, { text: said, t: parse(said).words.length });
  const last = () => parse(model.get("text")).words.length;
  const steps = stepper(model, "t", { label: "Words read", min: 0, last });
  page.controls.append(
    field(model, "text", { label: "What you say about a film", typed }),
    steps,
    buttons(...EXAMPLES.map((example) => [example, () => typed(example)])),
  );
  return watch(model, Object.keys(start), () => {
    const { words, long } = parse(model.get("text"));
    const t = Math.min(Math.max(model.get("t"), 0), words.length);
    if (t !== model.get("t")) return put(model, { t }); // a shorter text
    const range = steps.querySelector("input");
    range.max = words.length;
    range.value = t;
    const rows = judge(words);
    page.draw(360, 248, draw(rows, t));
    label(el, rows);
    page.say(story(rows, t, long));
    const { lstm, bag, adds } = rows[t];
    page.show([
      ["lstm", "LSTM: good", fixed(lstm, 3), lstm],
      ["bag", "bag of words: good", fixed(bag, 3), bag],
      ["adds", "the word adds to the bag", fixed(adds), adds],
    ]);
  });
}

export default { render };
