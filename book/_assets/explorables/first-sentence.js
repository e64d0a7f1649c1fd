// A trained network (book/runs/first_page.py) reads a sentence of the reader's own, word by word.
import { gruCandidate, gruState, readout, rowTimes, sigmoid, sum, zeros } from "./maths.js";
import { box, buttons, element, field, fixed, path, put, stage, stepper, text, watch } from "./ui.js";
import stored from "../../runs/first_page.json" with { type: "json" };

export const start = { sentence: "the cats near the dog were hungry.", t: 5 };

const VOCABULARY = stored.results.vocabulary.split(" ");
const UNITS = stored.results.hundredths.recurrent_kernel.length;
const [W, U, [B, B_RECURRENT], V, [C]] = ["kernel", "recurrent_kernel", "bias", "V", "c"].map((name) =>
  stored.results.hundredths[name].map((row) => row.split(" ").map((hundredths) => hundredths / 100)),
);
const MOST = 30; // words of a sentence
const SHOWN = 12; // words in the drawing at once
const BEGINNINGS = ["the", "my", "two", "today"]; // as many as guesses are shown
const EXAMPLES = ["the cats near the dog", "the cat near the dog", "a cat and a dog"];

const block = (values, k) => values.slice(k * UNITS, (k + 1) * UNITS);

/** The state after each word, and what it gives each word of the vocabulary to be the next. */
export function read(words) {
  let h = zeros(UNITS);
  return words.map((word) => {
    const [fromInput, fromState] = [W[VOCABULARY.indexOf(word)], rowTimes(h, U)];
    const [z, r] = [0, 1].map((k) => zeros(UNITS).map((_, u) => sigmoid([fromInput, fromState, B, B_RECURRENT].reduce((all, part) => all + part[k * UNITS + u], 0))));
    const candidate = gruCandidate({ fromInput: block(fromInput, 2), hPrev: h, r, U: U.map((row) => block(row, 2)), b: block(B, 2), bRecurrent: block(B_RECURRENT, 2), after: true });
    h = h.map((value, u) => gruState({ hPrev: [value], candidate: [candidate[u]], z: z[u], kept: true })[0]);
    const scores = readout(h, { V, c: C }).map(Math.exp);
    const p = scores.map((score) => score / sum(scores));
    const likeliest = VOCABULARY.map((next, k) => ({ next, p: p[k] })).sort((one, other) => other.p - one.p);
    return { word, h, p, likeliest };
  });
}

/** What of a typed text is read: known words up to the first full stop; those that are not known; whether more follows. */
export function parse(typed) {
  const bare = (word) => (word === "." ? word : word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""));
  const all = typed.toLowerCase().replace(/[.!?]+/g, " . ").split(/\s+/).map(bare).filter(Boolean);
  while (all[0] === ".") all.shift();
  const stop = all.indexOf(".");
  const sentence = stop < 0 ? all : all.slice(0, stop + 1);
  const known = sentence.filter((word) => VOCABULARY.includes(word));
  const typing = /[\p{L}\p{N}]$/u.test(typed) ? sentence.at(-1) : ""; // may be a beginning
  const unknown = sentence.filter((word, k) => !known.includes(word) && !(k === sentence.length - 1 && typing && VOCABULARY.some((one) => one.startsWith(typing))));
  return { words: known.slice(0, MOST), unknown: [...new Set(unknown)], behind: all.length > sentence.length, long: known.length > MOST };
}

const percent = (p) => (p < 0.005 ? "under 1\u00a0%" : `${Math.round(100 * p)}\u00a0%`);
const over = (steps, t) => t > 0 && steps[t - 1].word === ".";
const written = (words) => words.join(" ").replace(" .", ".");

/** A row for each unit, a column for each word: bars go up from the row's line, or down. */
function trace(steps, t) {
  const first = Math.max(0, Math.min(t - SHOWN + 3, steps.length - SHOWN));
  const [left, wide, top, high] = [30, 27, 52, 12];
  const [x, y] = [(n) => left + wide * (n - first + 0.5), (u) => top + high * (u + 0.5)];
  const rows = zeros(UNITS).map((_, u) => path([[left, y(u)], [left + wide * SHOWN, y(u)]], { head: false, width: 0.6, kind: "grid" }) + text(left - 5, y(u) + 3, u + 1, { anchor: "end", kind: "tiny" }));
  const columns = steps.slice(first, first + SHOWN).map(({ word, h }, k) => {
    const n = first + k;
    const kind = n === t - 1 ? "strong" : n < t ? "" : "faint";
    const bars = h.map((value, u) => {
      const long = Math.abs(value) * (high / 2 - 0.8);
      return `<rect x="${x(n) - 9}" y="${fixed(y(u) - (value > 0 ? long : 0))}" width="18" height="${fixed(long)}" class="box q-h" style="fill-opacity:${value > 0 ? 0.9 : 0.15};stroke-width:0.8"/>`;
    });
    const now = n === t - 1 ? box(x(n), top + (high * UNITS) / 2, wide - 2, high * UNITS + 4, "h", 0, "chosen") : "";
    return text(Math.max(x(n), left - 18 + 3.2 * word.length), k % 2 ? 44 : 29, word, { kind: `${kind} small` }) + (n < t ? bars.join("") : "") + now;
  });
  const head = text(left, 12, "state after each word", { anchor: "start", kind: "strong" }) + text(180, 12, "up: above 0, down: below", { anchor: "start", kind: "small" });
  return head + (first ? text(left - 18, 29, "…") : "") + rows.join("") + columns.join("");
}

function guess(steps, t) {
  const top = 220;
  if (t === 0 || over(steps, t)) return text(30, top, t ? "The full stop: no next word." : "No word, no guess.", { anchor: "start" });
  const { likeliest } = steps[t - 1];
  const bars = likeliest.slice(0, BEGINNINGS.length).map(({ next, p }, k) => {
    const [y, long] = [top + 16 + 17 * k, 190 * p];
    const yours = steps[t]?.word === next;
    return (
      text(84, y + 4, next === "." ? "full stop" : next, { anchor: "end", kind: yours ? "strong" : "" }) +
      `<rect x="90" y="${y - 6}" width="${fixed(Math.max(long, 0.5))}" height="12" class="box q-y" style="fill-opacity:0.5"/>` +
      text(96 + long, y + 4, percent(p) + (yours ? ", yours" : ""), { anchor: "start", kind: yours ? "strong" : "" })
    );
  });
  return text(30, top, "guess for the next word", { anchor: "start", kind: "strong" }) + bars.join("");
}

function story(steps, t, { unknown, behind, long }) {
  const said = [];
  const called = (word) => (word === "." ? "the full stop" : `“${word}”`);
  if (t === 0) said.push("Nothing has been read yet, and the state is zero.");
  else if (over(steps, t)) said.push("That was the full stop. The sentence is over.");
  else {
    const { word, p, likeliest } = steps[t - 1];
    said.push(`After “${word}”, word ${t} of ${steps.length}, the guess is ${called(likeliest[0].next)}: ${percent(likeliest[0].p)}.`);
    const next = steps[t]?.word;
    if (next && next !== likeliest[0].next) said.push(`Your next word, ${called(next)}, got ${percent(p[VOCABULARY.indexOf(next)])}.`);
  }
  const some = unknown.slice(0, 3).map((word) => `“${word.length > 16 ? `${word.slice(0, 15)}…` : word}”`);
  if (some.length) said.push(`It does not know ${some.join(", ")}${unknown.length > 3 ? " and more" : ""}, and skips ${unknown.length > 1 ? "them" : "it"}.`);
  if (behind) said.push("It reads one sentence: what follows the full stop is left out.");
  if (long) said.push(`It reads the first ${MOST} words.`);
  return said.join(" ");
}

function render({ model, el }) {
  const page = stage(el, "The state after each word, a bar for each unit, and the likeliest next words with their probabilities");
  el.classList.add("explorable-sentence");
  const now = () => {
    const found = parse(model.get("sentence"));
    return { ...found, t: Math.min(Math.max(model.get("t"), 0), found.words.length) };
  };
  const fill = (words) => put(model, { sentence: written(words), t: words.length });
  const typed = (sentence) => {
    const { words, t } = now();
    const after = parse(sentence).words;
    const [read, rest] = [words.slice(0, t), written(words.slice(t))];
    const earlier = read.some((word, k) => word !== after[k]) && rest && written(after).endsWith(rest);
    if (written(words) === written(after)) put(model, { sentence });
    // After a change among the words read, those behind it are still to come. After any other all are read.
    else put(model, { sentence, t: after.length - (earlier ? words.length - t : 0) });
  };
  const steps = stepper(model, "t", { label: "Words read", min: 0, last: () => now().words.length });
  const offers = BEGINNINGS.map((word, k) => [
    word,
    () => {
      const { words, t } = now();
      fill([...(words[t - 1] === "." ? [] : words.slice(0, t)), row[k].dataset.word]);
    },
  ]);
  const offered = buttons("Next", ...offers);
  const row = [...offered.querySelectorAll("button")];
  page.controls.append(
    field(model, "sentence", { label: "Sentence", typed }),
    steps,
    offered,
    buttons(...EXAMPLES.map((example) => [example, () => fill(example.split(" "))])),
  );
  const words = VOCABULARY.slice(1).join(", ");
  el.append(element("details", {}, element("summary", {}, `The ${VOCABULARY.length - 1} words it knows`), words));

  return watch(model, Object.keys(start), () => {
    const found = now();
    const { t } = found;
    if (t !== model.get("t")) return put(model, { t }); // a shorter sentence
    const seen = read(found.words);
    const slider = steps.querySelector("input");
    slider.max = seen.length;
    slider.value = t;
    const anew = t === 0 || over(seen, t);
    offered.firstChild.textContent = anew ? "First" : "Next";
    const offer = anew ? BEGINNINGS.map((next) => ({ next, p: "" })) : seen[t - 1].likeliest;
    row.forEach((button, k) => {
      Object.assign(button.dataset, { word: offer[k].next, value: offer[k].p });
      button.textContent = offer[k].next === "." ? "full stop" : offer[k].next;
    });
    page.draw(360, 296, trace(seen, t) + guess(seen, t));
    page.say(story(seen, t, found));
    page.show((t ? seen[t - 1].h : zeros(UNITS)).map((value, u) => [`h-${u + 1}`, `unit ${u + 1}`, fixed(value), value]));
  });
}

export default { render };
