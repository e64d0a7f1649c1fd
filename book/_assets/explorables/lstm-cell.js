// An LSTM cell with one unit. The reader sets its gates at each step while a sequence flows through.
import { lstmStep, sigmoid } from "./maths.js";
import { box, buttons, fixed, node, path, put, slider, stage, stepper, text, watch } from "./ui.js";

// The latch of the chapter: it writes a value at steps 1 and 5, and shows what it keeps at 4 and 7.
const VALUES = [0.8, -0.9, 0.5, 0.1, -0.6, 0.9, -0.2, 0.7];
const WRITE = [1, 0, 0, 0, 1, 0, 0, 0];
const ASK = [0, 0, 0, 1, 0, 0, 1, 0];
const LATCH = {
  f: WRITE.map((signal) => sigmoid(8 - 16 * signal)),
  i: WRITE.map((signal) => sigmoid(16 * signal - 8)),
  o: ASK.map((signal) => sigmoid(16 * signal - 8)),
};
const G = VALUES.map((value) => Math.tanh(2 * value));
const STEPS = VALUES.length;

export const start = { t: 1, c_0: 0, ...LATCH };

/** What every step has: gates, candidate, old cell state, new cell state, hidden state. */
export function flow({ f, i, o, c_0 }) {
  let c = c_0;
  return G.map((g, k) => {
    const gates = { f: f[k], i: i[k], o: o[k], g };
    const row = { ...gates, before: c, ...lstmStep(gates, c) };
    c = row.c;
    return row;
  });
}

const share = (gate) => `${Math.round(100 * gate)}\u00a0%`;
const thick = (value) => 1 + 4 * Math.min(Math.abs(value), 1.5);

function cell({ f, i, o, g, before, c, h }) {
  const line = (points, quantity, value) => path(points, { quantity, width: thick(value) });
  const gate = (x, name, quantity, value, shown = "") =>
    box(x, 112, 46, 26, quantity, 0.06 + 0.6 * Math.abs(value)) +
    text(x, 116.5, fixed(value)) +
    text(x, 140, `${name}_t${shown}`);
  return [
    line([[8, 34], [70, 34]], "c", before),
    line([[90, 34], [170, 34]], "c", f * before),
    line([[190, 34], [352, 34]], "c", c),
    line([[80, 99], [80, 44]], "f", f),
    line([[150, 99], [150, 72], [170, 72]], "i", i),
    line([[215, 99], [215, 72], [190, 72]], "g", g),
    line([[180, 62], [180, 44]], "g", i * g),
    line([[312, 34], [312, 46]], "c", c),
    line([[312, 68], [312, 102]], "h", Math.tanh(c)),
    line([[295, 112], [302, 112]], "o", o),
    line([[322, 112], [352, 112]], "h", h),
    gate(80, "f", "f", f),
    gate(150, "i", "i", i),
    gate(215, "c̃", "g", g),
    gate(272, "o", "o", o),
    node(80, 34, "×", "f"),
    node(180, 34, "+", "c"),
    node(180, 72, "×", "i"),
    node(312, 112, "×", "o"),
    box(312, 57, 40, 22, "c") + text(312, 61, "tanh"),
    text(4, 18, `c_{t−1} = ${fixed(before)}`, { anchor: "start" }),
    text(130, 26, fixed(f * before), { kind: "small" }),
    text(186, 58, fixed(i * g), { kind: "small", anchor: "start" }),
    text(356, 18, `c_t = ${fixed(c)}`, { anchor: "end" }),
    text(356, 140, `h_t = ${fixed(h)}`, { anchor: "end" }),
  ].join("");
}

function table(rows, t) {
  const names = [["g", "c̃"], ["f", "f"], ["i", "i"], ["o", "o"], ["c", "c"], ["h", "h"]];
  const [left, top, width, height] = [30, 176, 41, 20];
  const heads = rows.map((_, k) => text(left + width * (k + 0.5), top - 5, `t = ${k + 1}`, { kind: "small" }));
  const cells = names.flatMap(([key, name], line) => {
    const y = top + height * (line + 0.5);
    const filled = rows.map((row, k) => {
      const later = k >= t && "ch".includes(key);
      const x = left + width * (k + 0.5);
      const value = later ? "" : text(x, y + 4, fixed(row[key]), { kind: "small" });
      return box(x, y, width - 2, height - 2, key, later ? 0 : 0.04 + 0.5 * Math.min(Math.abs(row[key]), 1)) + value;
    });
    return [text(left - 8, y + 4, name, { anchor: "end" }), ...filled];
  });
  const frame = [left + width * (t - 0.5), top + height * 3, width, height * 6, "w", 0, "chosen"];
  return [...heads, ...cells, box(...frame)].join("");
}

function render({ model, el }) {
  const page = stage(el, "The LSTM cell at one step, and below it gates, cell state and hidden state at all steps");
  const gate = (name, label) =>
    slider(model, name, { label, min: 0, max: 1, step: 0.05, show: (v) => fixed(v), index: () => model.get("t") - 1, moved: ["t"] });
  const everywhere = (f, i, o) => () => put(model, Object.fromEntries(Object.entries({ f, i, o }).map(([name, v]) => [name, Array(STEPS).fill(v)])));
  page.controls.append(
    stepper(model, "t", { label: "Step t", min: 1, last: () => STEPS }),
    gate("f", "Forget gate at t"),
    gate("i", "Input gate at t"),
    gate("o", "Output gate at t"),
    slider(model, "c_0", { label: "Cell state at the start", min: -2, max: 2, step: 0.1, show: (v) => fixed(v, 1) }),
    buttons(
      "All steps:",
      ["The latch", () => put(model, LATCH)],
      ["Copy", everywhere(1, 0, 1)],
      ["Add to", everywhere(1, 1, 1)],
      ["Wipe", everywhere(0, 0, 1)],
      ["Replace", everywhere(0, 1, 1)],
    ),
  );

  return watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const rows = flow(values);
    const now = rows[values.t - 1];
    page.draw(360, 300, cell(now) + table(rows, values.t));
    page.say(
      `Step ${values.t}: ${share(now.f)} of the old record ${fixed(now.before)} stays, ${share(now.i)} of the candidate ` +
        `${fixed(now.g)} is written, so c becomes ${fixed(now.c)}. ${share(now.o)} of its tanh is shown: h is ${fixed(now.h)}.`,
    );
    page.show([
      ["before", "c<sub>t−1</sub>", fixed(now.before, 4), now.before],
      ["kept", "f<sub>t</sub> · c<sub>t−1</sub>", fixed(now.f * now.before, 4), now.f * now.before],
      ["written", "i<sub>t</sub> · c̃<sub>t</sub>", fixed(now.i * now.g, 4), now.i * now.g],
      ["c", "c<sub>t</sub>", fixed(now.c, 4), now.c],
      ["h", "h<sub>t</sub> = o<sub>t</sub> · tanh(c<sub>t</sub>)", fixed(now.h, 4), now.h],
    ]);
  });
}

export default { render };
