// The linear recurrence h_t = a h_{t-1} + u_t by a parallel scan, drawn pass by pass beside the loop.
import { box, choice, fixed, path, slider, stage, stepper, text, watch } from "./ui.js";

export const start = { passes: 1, t: 8, keep: 0.5, feed: "ones" };

const STEPS = 8;
const PASSES = 3;
const FEEDS = {
  ones: [1, 1, 1, 1, 1, 1, 1, 1],
  impulse: [1, 0, 0, 0, 0, 0, 0, 0],
  mixed: [0.8, -0.9, 0.5, 0.1, -0.6, 0.9, -0.2, 0.7],
};
const [LEFT, APART, TOP, DOWN] = [66, 39, 34, 44];

/** What stands at each place after 0, 1, 2, ... passes: { keeps, adds, first }, `first` being the first step of it. */
export function scanned({ keep, feed }) {
  let places = FEEDS[feed].map((adds, k) => ({ keeps: keep, adds, first: k + 1 }));
  const rows = [places];
  for (let reach = 1; reach < STEPS; reach *= 2) {
    places = places.map((then, k) => {
      const before = places[k - reach];
      if (!before) return then;
      return { keeps: then.keeps * before.keeps, adds: then.keeps * before.adds + then.adds, first: before.first };
    });
    rows.push(places);
  }
  return rows;
}

/** The states that the loop finds, one after the other. */
export function looped({ keep, feed }) {
  let h = 0;
  return FEEDS[feed].map((adds) => (h = keep * h + adds));
}

const across = (k) => LEFT + APART * k;
const down = (row) => TOP + DOWN * row;

/** Every place that place k takes in, pass by pass backwards: "row,place". */
function tree(row, k, found = new Set()) {
  if (k < 0) return found;
  found.add(`${row},${k}`);
  if (row > 0) [k, k - 2 ** (row - 1)].forEach((from) => tree(row - 1, from, found));
  return found;
}

function lines(row, inTree) {
  const reach = 2 ** (row - 1);
  return Array.from({ length: STEPS }, (_, k) =>
    [k, k - reach]
      .filter((from) => from >= 0)
      .map((from) => {
        const lit = inTree.has(`${row},${k}`) && inTree.has(`${row - 1},${from}`);
        return path([[across(from), down(row - 1) + 11], [across(k), down(row) - 11]], lit ? { quantity: "h", width: 2.5 } : { kind: "grid", width: 1, head: false });
      })
      .join(""),
  ).join("");
}

function render({ model, el }) {
  const page = stage(el, "Eight places, what each adds after each pass of the scan, and below the states of the loop");
  page.controls.append(
    stepper(model, "passes", { label: "Passes", min: 0, last: () => PASSES }),
    slider(model, "t", { label: "Place", min: 1, max: STEPS, step: 1 }),
    slider(model, "keep", { label: "Share that is kept", min: 0, max: 1, step: 0.05, show: (value) => fixed(value) }),
    choice(model, "feed", {
      label: "What comes in",
      options: [["ones", "1 at every step"], ["impulse", "1 at the first step"], ["mixed", "mixed numbers"]],
    }),
  );

  return watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const { passes, t } = values;
    const [rows, h] = [scanned(values), looped(values)];
    const inTree = tree(passes, t - 1);
    const cells = rows.map((places, row) =>
      places.map(({ adds }, k) => {
        if (row > passes) return box(across(k), down(row), 35, 22, "w", 0, "dashed");
        const lit = inTree.has(`${row},${k}`);
        return box(across(k), down(row), 35, 22, lit ? "h" : "w", lit ? 0.3 : 0.08) + text(across(k), down(row) + 4, fixed(adds), { kind: "small" });
      }),
    );
    const below = down(PASSES + 1) - 8;
    page.draw(
      360,
      below + 18,
      rows.map((_, row) => text(4, down(row) + 4, `pass ${row}`, { anchor: "start" })).join("") +
        text(4, 15, "step", { anchor: "start" }) +
        FEEDS.ones.map((_, k) => text(across(k), 15, k + 1, { kind: k + 1 === t ? "strong" : "" })).join("") +
        Array.from({ length: passes }, (_, k) => lines(k + 1, inTree)).join("") +
        cells.flat().join("") +
        text(4, below + 4, "loop", { anchor: "start" }) +
        h.map((value, k) => text(across(k), below + 4, fixed(value), { kind: k + 1 === t ? "strong" : "small" })).join(""),
    );
    const { keeps, adds, first } = rows[passes][t - 1];
    const span = first === t ? `step ${t} alone` : `steps ${first} to ${t}`;
    const whole = first === 1 ? " Nothing came before step 1, so this is the loop's state." : "";
    page.say(`After ${passes} ${passes === 1 ? "pass" : "passes"} place ${t} stands for ${span}: keep ${fixed(keeps, 3)} of what came before, and add ${fixed(adds, 3)}.${whole}`);
    page.show([
      ["keeps", `kept by place ${t}`, fixed(keeps, 3), keeps],
      ["adds", `added by place ${t}`, fixed(adds, 3), adds],
      ["first", "its first step", `${first}`, first],
      ["loop", `h<sub>${t}</sub> of the loop`, fixed(h[t - 1], 3), h[t - 1]],
    ]);
  });
}

export default { render };
