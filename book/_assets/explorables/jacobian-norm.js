// ‖∂h_T/∂h_t‖ against the distance T − t, for a spectral radius that the reader sets.
import { generator, jacobianNorms, recurrentMatrix, spectralNorm, zeros } from "./maths.js";
import { brief, buttons, choice, fixed, path, put, slider, stage, text, tick, watch } from "./ui.js";

export const start = { radius: 0.9, distance: 20, size: 0.1, tanh: true, matrix: "random", seed: 1 };

const LENGTH = 60;
const [LOW, HIGH] = [-12, 6]; // the axis, in powers of ten
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 350, 26, 216];

/** All that is shown, from the values that the reader sets. */
export function journey({ radius, size, tanh, matrix, seed }) {
  const draw = generator(seed);
  const U = recurrentMatrix(matrix, radius, draw);
  const inputs = zeros(LENGTH).map(() => zeros(U.length).map(() => size * draw.normal()));
  return { norms: jacobianNorms(U, inputs, tanh), singular: spectralNorm(U) };
}

const across = (distance) => LEFT + ((RIGHT - LEFT) * distance) / LENGTH;
const up = (value) => {
  const power = Math.min(Math.max(Math.log10(value), LOW), HIGH);
  return BOTTOM - ((BOTTOM - TOP) * (power - LOW)) / (HIGH - LOW);
};

/** The part of a curve that lies on the axes. */
function curve(values, options) {
  const inside = values.findIndex((value) => Math.abs(Math.log10(value) - (LOW + HIGH) / 2) >= (HIGH - LOW) / 2);
  const shown = inside < 0 ? values : values.slice(0, inside + 1);
  return path(shown.map((value, distance) => [across(distance), up(value)]), { head: false, ...options });
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
    const lines = [-12, -9, -6, -3, 0, 3, 6].map((p) => {
      const y = up(10 ** p);
      const label = p === 0 ? "1" : `10<tspan class="sub" dy="-4">${fixed(p, 0)}</tspan>`;
      const kind = p === 0 ? "axis" : "grid";
      return path([[LEFT, y], [RIGHT, y]], { head: false, kind }) + text(LEFT - 6, y + 4, label, { anchor: "end" });
    });
    const ticks = [0, 20, 40, 60].map((d) => text(across(d), BOTTOM + 16, d));
    const x = across(distance);
    page.draw(
      360,
      250,
      lines.join("") +
        ticks.join("") +
        text((LEFT + RIGHT) / 2, BOTTOM + 32, "distance T − t, in steps") +
        path([[LEFT, 10], [LEFT + 22, 10]], { head: false, quantity: "h", width: 2.5 }) +
        text(LEFT + 27, 14, "norm of the Jacobian", { anchor: "start" }) +
        path([[LEFT + 170, 10], [LEFT + 192, 10]], { head: false, quantity: "w", kind: "dashed" }) +
        text(LEFT + 197, 14, "radius to the power", { anchor: "start" }) +
        curve(norms.map((_, d) => radius ** d), { quantity: "w", kind: "dashed", width: 2 }) +
        path([[x, TOP], [x, BOTTOM]], { head: false, kind: "grid" }) +
        curve(norms, { quantity: "h", width: 2.5 }) +
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
