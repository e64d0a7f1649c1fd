// A GRU cell with two units: two conventions for the update gate, two places for the reset gate.
import { gruCandidate, gruState } from "./maths.js";
import { box, choice, fixed, path, slider, stage, text, watch } from "./ui.js";

const H = [0.9, -0.6]; // the old state
const W = [0.8, -0.5]; // from the one input to the two units of the candidate
const U = [[1.2, -0.8], [0.6, 1.4]]; // from old unit (row) to new unit (column)
const B = [0.1, -0.2];
const B_RECURRENT = [-0.6, 0.7];

export const start = { x: -1, z: 0.8, r_1: 1, r_2: 0, kept: true, after: false };

/** Candidate, new state, and the weights that are left of U once the reset gate has acted. */
export function step({ x, z, r_1, r_2, kept, after }) {
  const r = [r_1, r_2];
  const fromInput = W.map((weight) => x * weight);
  const candidate = gruCandidate({ fromInput, hPrev: H, r, U, b: B, bRecurrent: B_RECURRENT, after });
  const open = U.map((row, k) => row.map((weight, u) => weight * (after ? r[u] : r[k])));
  return { candidate, h: gruState({ hPrev: H, candidate, z, kept }), open };
}

const ROWS = [46, 122];

function wires({ open, candidate }, { r_1, r_2, after }) {
  const [left, right] = [40, 318];
  const gate = after ? 252 : 112;
  const lines = open.flatMap((row, k) =>
    row.map((weight, u) => {
      const [from, to] = [[64, ROWS[k]], [294, ROWS[u]]];
      const through = after ? [[194, ROWS[u]]] : [[158, ROWS[k]]];
      const points = after ? [from, [88, ROWS[k]], ...through, to] : [from, ...through, [270, ROWS[u]], to];
      return path(points, { quantity: "w", width: 0.8 + 2.5 * Math.abs(weight), kind: weight === 0 ? "grid dashed" : weight < 0 ? "dashed" : "" });
    }),
  );
  const units = ROWS.flatMap((y, k) => [
    box(left, y, 48, 28, "h", 0.06 + 0.5 * Math.abs(H[k])) + text(left, y + 4, fixed(H[k])),
    box(gate, y, 50, 26, "r", 0.06 + 0.6 * [r_1, r_2][k]) + text(gate, y + 4, `r = ${fixed([r_1, r_2][k])}`, { kind: "small" }),
    box(right, y, 48, 28, "g", 0.06 + 0.5 * Math.abs(candidate[k])) + text(right, y + 4, fixed(candidate[k])),
  ]);
  const heads = text(left, 18, "h_{t−1}") + text(right, 18, "h̃_t") + text(gate, 18, after ? "after U" : "before U", { kind: "small" });
  const names = ROWS.map((y, k) => text(left, y + 28, `unit ${k + 1}`, { kind: "small" }) + text(right, y + 28, `unit ${k + 1}`, { kind: "small" }));
  return [...lines, ...units, heads, ...names].join("");
}

function mixture({ candidate, h }) {
  const [left, right] = [58, 348];
  const across = (value) => left + ((right - left) * (value + 1)) / 2;
  const lines = h.map((value, u) => {
    const y = 194 + 34 * u;
    const [old, written] = [across(H[u]), across(candidate[u])];
    return (
      path([[left, y], [right, y]], { head: false, kind: "grid" }) +
      path([[written, y], [old, y]], { head: false, width: 3, quantity: "w" }) +
      box(old, y, 11, 11, "h", 0.9) +
      `<polygon points="${written - 7},${y} ${written},${y - 7} ${written + 7},${y} ${written},${y + 7}" class="dot q-g"/>` +
      `<circle cx="${across(value)}" cy="${y}" r="7" class="new"/>` +
      text(left - 8, y + 4, `unit ${u + 1}`, { anchor: "end", kind: "small" })
    );
  });
  const ticks = [-1, -0.5, 0, 0.5, 1].map((value) => text(across(value), 252, fixed(value, 1), { kind: "small" }));
  const key =
    box(70, 270, 11, 11, "h", 0.9) + text(80, 274, "old h_{t−1}", { anchor: "start" }) +
    `<polygon points="151,270 158,263 165,270 158,277" class="dot q-g"/>${text(170, 274, "candidate", { anchor: "start" })}` +
    `<circle cx="252" cy="270" r="7" class="new"/>${text(264, 274, "new h_t", { anchor: "start" })}`;
  return [...lines, ...ticks, key].join("");
}

function render({ model, el }) {
  const page = stage(el, "Two units of the old state, the reset gates, the candidate, and the mixture of old state and candidate");
  const two = (value) => fixed(value);
  page.controls.append(
    choice(model, "kept", { label: "z is the share", options: [[true, "that is kept"], [false, "that is written"]] }),
    choice(model, "after", { label: "Reset gate", options: [[false, "before U"], [true, "after U"]] }),
    slider(model, "z", { label: "Update gate z", min: 0, max: 1, step: 0.05, show: two }),
    slider(model, "x", { label: "Input x", min: -2, max: 2, step: 0.1, show: (v) => fixed(v, 1) }),
    slider(model, "r_1", { label: "Reset gate r, unit 1", min: 0, max: 1, step: 0.05, show: two }),
    slider(model, "r_2", { label: "Reset gate r, unit 2", min: 0, max: 1, step: 0.05, show: two }),
  );

  return watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const found = step(values);
    const { z, kept, after, r_1, r_2 } = values;
    page.draw(360, 284, wires(found, values) + mixture(found));
    const old = Math.round(100 * (kept ? z : 1 - z));
    const shut = [r_1, r_2].flatMap((r, k) => (r === 0 ? [k + 1] : []));
    const what = after ? "is blind to the whole old state" : "is hidden from the whole candidate";
    const who = after ? "candidate" : "old";
    const seen = shut.length === 2 ? "No old state reaches the candidate." : shut.length === 1 ? `The ${who} unit ${shut[0]} ${what}.` : "";
    page.say(`The new state is ${old}\u00a0% old state and ${100 - old}\u00a0% candidate. ${seen}`);
    page.show(
      [0, 1].flatMap((u) => [
        [`candidate-${u + 1}`, `candidate, unit ${u + 1}`, fixed(found.candidate[u], 4), found.candidate[u]],
        [`h-${u + 1}`, `h<sub>t</sub>, unit ${u + 1}`, fixed(found.h[u], 4), found.h[u]],
      ]),
    );
  });
}

export default { render };
