// ‖∂c_T/∂c_t‖ of an LSTM against the distance T − t: the direct path along c, and the whole with all detours through h.
import { HEIGHT, LENGTH, WIDTH, across, axes, curve, legend, mark, up } from "./distance-axes.js";
import { cellJacobians, generator, orthonormalRows, rowTimes, scale, spectralNorm, zeros } from "./maths.js";
import { brief, buttons, fixed, put, slider, stage, watch } from "./ui.js";

export const start = { bias: 1, distance: 30, scale: 1, seed: 1 };

const [UNITS, INPUTS] = [8, 5];

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
    const x = across(distance);
    const [wholeLine, directLine] = [{ quantity: "c", width: 2.5 }, { quantity: "f", kind: "dashed", width: 2 }];
    page.draw(
      WIDTH,
      HEIGHT,
      axes() +
        legend(["whole, with detours", wholeLine], ["direct path", directLine]) +
        mark(distance) +
        curve(norms.map((one) => one.direct), directLine) +
        curve(norms.map((one) => one.whole), wholeLine) +
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
