// A norm on a logarithmic axis against the distance T − t in steps: what the explorables on gradients draw into.
import { fixed, path, text } from "./ui.js";

export const LENGTH = 60;
const [LOW, HIGH] = [-12, 6]; // the axis, in powers of ten
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 350, 26, 216];

export const [WIDTH, HEIGHT] = [360, 250];

/** Where a distance lies. */
export const across = (distance) => LEFT + ((RIGHT - LEFT) * distance) / LENGTH;

/** Where a norm lies; one that is too small or too large, at the axis's end. */
export const up = (norm) => BOTTOM - ((BOTTOM - TOP) * (Math.min(Math.max(Math.log10(norm), LOW), HIGH) - LOW)) / (HIGH - LOW);

/** Both axes. */
export function axes() {
  const lines = [-12, -9, -6, -3, 0, 3, 6].map((power) => {
    const y = up(10 ** power);
    const label = power === 0 ? "1" : `10<tspan class="sub" dy="-4">${fixed(power, 0)}</tspan>`;
    const kind = power === 0 ? "axis" : "grid";
    return path([[LEFT, y], [RIGHT, y]], { head: false, kind }) + text(LEFT - 6, y + 4, label, { anchor: "end" });
  });
  const ticks = [0, 20, 40, 60].map((distance) => text(across(distance), BOTTOM + 16, distance));
  return lines.join("") + ticks.join("") + text((LEFT + RIGHT) / 2, BOTTOM + 32, "distance T − t, in steps");
}

/** What the two lines above the picture stand for: for each its name and how it is drawn. */
export function legend(...entries) {
  const one = ([name, options], place) => {
    const x = LEFT + 170 * place;
    return path([[x, 10], [x + 22, 10]], { head: false, ...options }) + text(x + 27, 14, name, { anchor: "start" });
  };
  return entries.map(one).join("");
}

/** The distance that the reader looks at. */
export const mark = (distance) => path([[across(distance), TOP], [across(distance), BOTTOM]], { head: false, kind: "grid" });

/** The part of a curve, a norm for each distance, that lies on the axes. */
export function curve(norms, options) {
  const outside = norms.findIndex((norm) => Math.abs(Math.log10(norm) - (LOW + HIGH) / 2) >= (HIGH - LOW) / 2);
  const shown = outside < 0 ? norms : norms.slice(0, outside + 1);
  return path(shown.map((norm, distance) => [across(distance), up(norm)]), { head: false, ...options });
}
