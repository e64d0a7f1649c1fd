// ‖∂c_T/∂c_t‖ of an LSTM against the distance T − t: the direct path along c, and the whole with all detours through h.
import { cellJacobians, generator, orthonormalRows, rowTimes, scale, spectralNorm, zeros } from "./maths.js";
import { brief, buttons, fixed, path, put, slider, stage, text, watch } from "./ui.js";

export const start = { bias: 1, distance: 30, scale: 1, seed: 1 };

const [UNITS, INPUTS, LENGTH] = [8, 5, 60];
const [LOW, HIGH] = [-12, 6]; // the axis, in powers of ten
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 350, 26, 216];

/** The norms of the whole and of the direct path at each distance, for weights drawn as Keras draws them. */
export function flow({ bias, scale: factor, seed }) {
  const draw = generator(seed);
  const limit = Math.sqrt(6 / (INPUTS + 4 * UNITS));
  const W = zeros(INPUTS).map(() => zeros(4 * UNITS).map(() => limit * (2 * draw.uniform() - 1)));
  const U = scale(orthonormalRows(UNITS, 4 * UNITS, draw), factor);
  const given = zeros(LENGTH + 1).map(() => {
    const fed = rowTimes(zeros(INPUTS).map(() => draw.normal()), W);
    return fed.map((value, j) => value + (j >= UNITS && j < 2 * UNITS ? bias : 0));
  });
  return cellJacobians(given, U).map(({ whole, direct }) => ({ whole: spectralNorm(whole), direct: Math.max(...direct) }));
}

const across = (distance) => LEFT + ((RIGHT - LEFT) * distance) / LENGTH;
const up = (value) => BOTTOM - ((BOTTOM - TOP) * (Math.min(Math.max(Math.log10(value), LOW), HIGH) - LOW)) / (HIGH - LOW);

/** The part of a curve that lies on the axes. */
function curve(values, options) {
  const outside = values.findIndex((value) => Math.abs(Math.log10(value) - (LOW + HIGH) / 2) >= (HIGH - LOW) / 2);
  const shown = outside < 0 ? values : values.slice(0, outside + 1);
  return path(shown.map((value, distance) => [across(distance), up(value)]), { head: false, ...options });
}

function verdict(whole, direct) {
  if (whole > 100) return "It explodes, by the detours: the direct path cannot.";
  if (Math.abs(whole / direct - 1) < 0.005) return "The detours add nothing: the whole is the direct path.";
  if (whole < direct) return "The detours take away some of what the direct path brings.";
  if (whole < 0.01) return "It vanishes, detours and all.";
  if (direct < 0.01) return "The direct path has vanished. What arrives came by the detours.";
  return whole > 2 * direct ? "Both arrive, and the detours carry more." : "Most of it came along the direct path.";
}

function render({ model, el }) {
  const page = stage(el, "The norms of the direct path and of the whole derivative on a logarithmic axis, against the distance in steps");
  page.controls.append(
    slider(model, "bias", { label: "Forget bias", min: -2, max: 8, step: 0.5, show: (v) => fixed(v, 1) }),
    slider(model, "distance", { label: "Distance T − t", min: 1, max: LENGTH, step: 1 }),
    slider(model, "scale", { label: "Recurrent weights, times", min: 0, max: 6, step: 0.25, show: (v) => fixed(v) }),
    buttons(["Draw anew", () => put(model, { seed: model.get("seed") + 1 })]),
  );

  let [drawn, norms] = ["", []];
  return watch(model, Object.keys(start), () => {
    const { distance, ...values } = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const wanted = JSON.stringify(values);
    if (wanted !== drawn) [drawn, norms] = [wanted, flow(values)]; // another distance needs no other weights
    const { whole, direct } = norms[distance];
    const lines = [-12, -9, -6, -3, 0, 3, 6].map((p) => {
      const y = up(10 ** p);
      const label = p === 0 ? "1" : `10<tspan class="sub" dy="-4">${fixed(p, 0)}</tspan>`;
      return path([[LEFT, y], [RIGHT, y]], { head: false, kind: p === 0 ? "axis" : "grid" }) + text(LEFT - 6, y + 4, label, { anchor: "end" });
    });
    const ticks = [0, 20, 40, 60].map((d) => text(across(d), BOTTOM + 16, d));
    const x = across(distance);
    page.draw(
      360,
      250,
      lines.join("") +
        ticks.join("") +
        text((LEFT + RIGHT) / 2, BOTTOM + 32, "distance T − t, in steps") +
        path([[LEFT, 10], [LEFT + 22, 10]], { head: false, quantity: "c", width: 2.5 }) +
        text(LEFT + 27, 14, "whole, with detours", { anchor: "start" }) +
        path([[LEFT + 170, 10], [LEFT + 192, 10]], { head: false, quantity: "f", kind: "dashed", width: 2 }) +
        text(LEFT + 197, 14, "direct path", { anchor: "start" }) +
        path([[x, TOP], [x, BOTTOM]], { head: false, kind: "grid" }) +
        curve(norms.map((one) => one.direct), { quantity: "f", kind: "dashed", width: 2 }) +
        curve(norms.map((one) => one.whole), { quantity: "c", width: 2.5 }) +
        `<circle cx="${x}" cy="${up(direct)}" r="4.5" class="box q-f"/><circle cx="${x}" cy="${up(whole)}" r="5" class="dot q-c"/>`,
    );
    const steps = `${distance} ${distance === 1 ? "step" : "steps"}`;
    page.say(`Over ${steps} the direct path passes on ${brief(direct)}, the whole ${brief(whole)}. ${verdict(whole, direct)}`);
    page.show([
      ["direct", "direct path, f<sub>t+1</sub> ⊙ … ⊙ f<sub>T</sub>", brief(direct), direct],
      ["whole", "whole, ‖∂c<sub>T</sub>/∂c<sub>t</sub>‖", brief(whole), whole],
      ["ratio", "whole / direct", brief(whole / direct), whole / direct],
      ["step", "whole, per step", fixed(whole ** (1 / distance), 3), whole ** (1 / distance)],
      ["direct-step", "direct, per step", fixed(direct ** (1 / distance), 3), direct ** (1 / distance)],
    ]);
  });
}

export default { render };
