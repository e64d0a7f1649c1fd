// ‖∂h_T/∂h_t‖ against the distance T − t, for a spectral radius that the reader sets.
import { HEIGHT, LENGTH, WIDTH, across, axes, curve, legend, mark, up } from "./distance-axes.js";
import { generator, jacobianNorms, recurrentMatrix, spectralNorm, zeros } from "./maths.js";
import { brief, buttons, choice, fixed, put, slider, stage, tick, watch } from "./ui.js";

export const start = { radius: 0.9, distance: 20, size: 0.1, tanh: true, matrix: "random", seed: 1 };

/** All that is shown, from the values that the reader sets. */
export function journey({ radius, size, tanh, matrix, seed }) {
  const draw = generator(seed);
  const U = recurrentMatrix(matrix, radius, draw);
  const inputs = zeros(LENGTH).map(() => zeros(U.length).map(() => size * draw.normal()));
  return { norms: jacobianNorms(U, inputs, tanh), singular: spectralNorm(U) };
}

function render({ model, el }) {
  const page = stage(el, "The norm of the Jacobian on a logarithmic axis, against the distance in steps");
  page.controls.append(
    slider(model, "radius", { label: "Spectral radius of U", min: 0.1, max: 3, step: 0.05, show: (v) => fixed(v) }),
    slider(model, "distance", { label: "Distance T − t", min: 1, max: LENGTH, step: 1 }),
    slider(model, "size", { label: "Size of the inputs", min: 0, max: 2, step: 0.1, show: (v) => fixed(v, 1) }),
    choice(model, "matrix", {
      label: "Kind of U",
      options: [["random", "random"], ["rotation", "rotation"], ["skewed", "skewed"]],
    }),
    tick(model, "tanh", { label: "tanh in each step" }),
    buttons(["Draw anew", () => put(model, { seed: model.get("seed") + 1 })]),
  );

  return watch(model, Object.keys(start), () => {
    const values = Object.fromEntries(Object.keys(start).map((name) => [name, model.get(name)]));
    const { radius, distance } = values;
    const { norms, singular } = journey(values);
    const [found, power] = [norms[distance], radius ** distance];
    const x = across(distance);
    const [normLine, powerLine] = [{ quantity: "h", width: 2.5 }, { quantity: "w", kind: "dashed", width: 2 }];
    page.draw(
      WIDTH,
      HEIGHT,
      axes() +
        legend(["norm of the Jacobian", normLine], ["radius to the power", powerLine]) +
        curve(norms.map((_, d) => radius ** d), powerLine) +
        mark(distance) +
        curve(norms, normLine) +
        `<circle cx="${x}" cy="${up(found)}" r="5" class="dot q-h"/>`,
    );
    const verdict = found < 0.01 ? "It vanishes" : found > 100 ? "It explodes" : "It neither vanishes nor explodes";
    page.say(
      `Over ${distance} ${distance === 1 ? "step" : "steps"} a small change of the state is multiplied by at most ${brief(found)}. ${verdict}.`,
    );
    page.show([
      ["norm", "‖∂h<sub>T</sub>/∂h<sub>t</sub>‖", brief(found), found],
      ["power", "radius<sup>T−t</sup>", brief(power), power],
      ["step", "on average, per step", fixed(found ** (1 / distance), 3), found ** (1 / distance)],
      ["singular", "largest singular value of U", fixed(singular), singular],
    ]);
  });
}

export default { render };
