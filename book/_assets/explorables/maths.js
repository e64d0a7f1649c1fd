// The mathematics of the explorables: pure functions on numbers and nested arrays, with the chapters' formulas.

export const sigmoid = (a) => 1 / (1 + Math.exp(-a));
export const zeros = (n) => Array(n).fill(0);
export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const norm = (values) => Math.sqrt(sum(values.map((value) => value * value)));
export const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/** A row (n,) times a matrix (n, m). */
export const rowTimes = (row, matrix) => matrix[0].map((_, j) => sum(row.map((value, i) => value * matrix[i][j])));
export const product = (A, B) => A.map((row) => rowTimes(row, B));
export const transpose = (A) => A[0].map((_, j) => A.map((row) => row[j]));
export const scale = (A, factor) => A.map((row) => row.map((value) => value * factor));
export const identity = (n) => Array.from({ length: n }, (_, i) => zeros(n).map((_, j) => Number(i === j)));

/** Numbers that look random and are the same on every machine (mulberry32; Box and Muller for the normal ones). */
export function generator(seed) {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

// What is more than chance: the rule of book/seeds.py.

/** The accuracy above which something has been learned: three standard errors above guessing. */
export const bar = (examples, guessing) => guessing + 3 * Math.sqrt((guessing * (1 - guessing)) / examples);
export const learned = (accuracy, examples, guessing) => accuracy > bar(examples, guessing);

// How a change travels through time.

/** The largest absolute eigenvalue: what the k-th root of the norm of A^k tends to. Here k is 2^40, by squaring. */
export function spectralRadius(A) {
  let [power, log] = [A, 0];
  for (let squared = 0; squared < 40; squared++) {
    const size = norm(power.flat());
    if (size === 0) return 0;
    log += Math.log(size) / 2 ** squared;
    power = scale(power, 1 / size);
    power = product(power, power);
  }
  return Math.exp(log);
}

/** The largest singular value: the most by which A stretches a vector. */
export function spectralNorm(A) {
  const size = norm(A.flat());
  if (size === 0) return 0;
  const unit = scale(A, 1 / size);
  return size * Math.sqrt(spectralRadius(product(transpose(unit), unit)));
}

const ANGLES = [0.4, 1.1, 1.8, 2.5];
const SKEWED = [[1, 8], [0, 1]];

/** A matrix (8, 8) with the given spectral radius: "random", "rotation" or "skewed". */
export function recurrentMatrix(kind, radius, draw) {
  if (kind === "random") {
    const U = identity(8).map((row) => row.map(() => draw.normal()));
    return scale(U, radius / spectralRadius(U));
  }
  const block = (angle) => [[Math.cos(angle), Math.sin(angle)], [-Math.sin(angle), Math.cos(angle)]];
  const blocks = ANGLES.map((angle) => (kind === "rotation" ? block(angle) : SKEWED));
  return scale(identity(8).map((row, i) => row.map((_, j) => (i >> 1 === j >> 1 ? blocks[i >> 1][i & 1][j & 1] : 0))), radius);
}

/** The norm of dh_T/dh_t for T − t = 0, 1, ...: the Jacobians U diag(1 − h²) multiplied. `inputs` is what comes in. */
export function jacobianNorms(U, inputs, tanh) {
  let [h, J] = [zeros(U.length), identity(U.length)];
  const norms = [1];
  for (const z of inputs) {
    h = rowTimes(h, U).map((value, j) => (tanh ? Math.tanh(z[j] + value) : z[j] + value));
    J = product(J, U.map((row) => row.map((value, j) => value * (tanh ? 1 - h[j] ** 2 : 1))));
    norms.push(spectralNorm(J));
  }
  return norms;
}

// RNN.

/** One step for one example: tanh(x W + hPrev U + b), and the two products that it is made of. */
export function rnnStep(x, hPrev, { W, U, b }) {
  const [fromInput, fromState] = [rowTimes(x, W), rowTimes(hPrev, U)];
  return { fromInput, fromState, h: b.map((value, u) => Math.tanh(fromInput[u] + fromState[u] + value)) };
}

/** What is read out of a state: h V + c. */
export const readout = (h, { V, c }) => rowTimes(h, V).map((value, k) => value + c[k]);

// LSTM.

/** Rows (n, m), n <= m, that are drawn at random and made orthonormal, one after the other. */
export function orthonormalRows(n, m, draw) {
  const rows = [];
  for (let k = 0; k < n; k++) {
    let row = zeros(m).map(() => draw.normal());
    for (const other of rows) {
      const along = sum(row.map((value, j) => value * other[j]));
      row = row.map((value, j) => value - along * other[j]);
    }
    const length = norm(row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

/**
 * dc_T/dc_t for T − t = 0, 1, ...: the whole (units, units), and its direct path, a diagonal. `given` is what comes in
 * at each step, x W and the bias, in Keras's four blocks i, f, c, o; U is (units, 4 units). The first step is step t.
 */
export function cellJacobians(given, U) {
  const units = U.length;
  const gates = (row) => [0, 1, 2, 3].map((k) => row.slice(k * units, (k + 1) * units).map(k === 2 ? Math.tanh : sigmoid));
  let [h, c] = [zeros(units), zeros(units)];
  let [J, H, direct] = [identity(units), [], zeros(units).fill(1)];
  return given.map((fed, t) => {
    const past = rowTimes(h, U);
    const [i, f, g, o] = gates(fed.map((value, j) => value + past[j]));
    const before = c;
    c = f.map((value, u) => value * before[u] + i[u] * g[u]);
    const slope = o.map((value, u) => value * (1 - Math.tanh(c[u]) ** 2)); // of h in c
    if (t > 0) {
      const moved = product(H, U).map((row) => [0, 1, 2, 3].map((k) => row.slice(k * units, (k + 1) * units)));
      J = J.map((row, j) => {
        const [d_i, d_f, d_g] = moved[j];
        return row.map((value, u) => value * f[u] + before[u] * f[u] * (1 - f[u]) * d_f[u] + g[u] * i[u] * (1 - i[u]) * d_i[u] + i[u] * (1 - g[u] ** 2) * d_g[u]);
      });
      H = J.map((row, j) => row.map((value, u) => slope[u] * value + Math.tanh(c[u]) * o[u] * (1 - o[u]) * moved[j][3][u]));
      direct = direct.map((value, u) => value * f[u]);
    } else H = identity(units).map((row) => row.map((value, u) => value * slope[u]));
    h = o.map((value, u) => value * Math.tanh(c[u]));
    return { whole: J, direct };
  });
}

/** One step with the gates given, for one unit: the new cell state and the new hidden state. */
export function lstmStep({ f, i, o, g }, cPrev) {
  const c = f * cPrev + i * g;
  return { c, h: o * Math.tanh(c) };
}

// Constraints.

/** A vector with its norm moved towards the range low to high, as Keras's MinMaxNorm does it. */
export function minMaxNorm(vector, low, high, rate) {
  const length = norm(vector);
  const wanted = rate * clip(length, low, high) + (1 - rate) * length;
  return vector.map((value) => (value * wanted) / (length + 1e-7));
}

/** The vectors of a matrix (inputs, units) whose norms `axis` asks for: "0" columns, "1" rows, "(0, 1)" all entries. */
export const vectors = (W, axis) => (axis === "0" ? transpose(W) : axis === "1" ? W : [W.flat()]);

/** The matrix with each of these vectors passed through `rule`. */
export function constrained(W, axis, rule) {
  const done = vectors(W, axis).map(rule);
  if (axis === "0") return transpose(done);
  return axis === "1" ? done : W.map((row, i) => done[0].slice(i * row.length, (i + 1) * row.length));
}

// GRU.

/** The candidate (units,): the reset gate before the product with U, or after it and then with a bias of its own. */
export function gruCandidate({ fromInput, hPrev, r, U, b, bRecurrent, after }) {
  const past = after
    ? rowTimes(hPrev, U).map((value, u) => r[u] * (value + bRecurrent[u]))
    : rowTimes(hPrev.map((value, k) => r[k] * value), U);
  return past.map((value, u) => Math.tanh(fromInput[u] + b[u] + value));
}

/** The new state (units,): z is the share that is kept, or the share that is written. */
export const gruState = ({ hPrev, candidate, z, kept }) =>
  hPrev.map((value, u) => (kept ? z * value + (1 - z) * candidate[u] : (1 - z) * value + z * candidate[u]));

// Convolution and pooling.

/** Places added before and after n entries. */
export function padding(n, { size, stride, dilation, kind }) {
  const reach = dilation * (size - 1) + 1;
  if (kind === "causal") return [reach - 1, 0];
  const total = kind === "same" ? Math.max((Math.ceil(n / stride) - 1) * stride + reach - n, 0) : 0;
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * The windows of an array, row by row: each a list of { row, column, value }, with no value outside the array.
 * An array of one row is a sequence: its windows have one row too.
 */
export function windows(x, settings) {
  const { size, stride, dilation } = settings;
  const taps = Array.from({ length: size }, (_, k) => dilation * k);
  const starts = (n) => {
    const [before, after] = padding(n, settings);
    const fit = Math.floor((before + n + after - taps.at(-1) - 1) / stride) + 1;
    return Array.from({ length: Math.max(fit, 0) }, (_, k) => stride * k - before);
  };
  const [tops, downs] = x.length === 1 ? [[0], [0]] : [starts(x.length), taps];
  return tops.map((top) =>
    starts(x[0].length).map((left) =>
      downs.flatMap((down) => taps.map((along) => ({ row: top + down, column: left + along, value: x[top + down]?.[left + along] }))),
    ),
  );
}

/** What a window becomes: its mean or its largest entry, neither of which sees the outside; or the sum of products. */
export function reduce(window, operation, kernel) {
  const inside = window.map(({ value }) => value).filter((value) => value !== undefined);
  if (operation === "average") return sum(inside) / inside.length;
  if (operation === "max") return Math.max(...inside);
  return sum(window.map(({ value = 0 }, k) => value * kernel[k]));
}
