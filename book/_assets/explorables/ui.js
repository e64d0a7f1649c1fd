// What every explorable is made of: a drawing, controls, numbers, and a sentence that says what is to be seen.

let made = 0;

/** An element with attributes; children are elements or strings. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** The four parts of an explorable, put into `el`: `drawing`, `controls`, `numbers`, `says`. */
export function stage(el, label) {
  const drawing = element("div", { class: "explorable-drawing" });
  const controls = element("div", { class: "explorable-controls", role: "group", "aria-label": "Controls" });
  const says = element("p", { class: "explorable-says", role: "status", "aria-live": "polite" });
  const numbers = element("dl", { class: "explorable-numbers", "aria-label": "Numbers" });
  el.classList.add("explorable-live");
  el.replaceChildren(drawing, controls, says, numbers);
  return {
    controls,
    /** Show the SVG `shapes` in a view of `width` by `height`. */
    draw(width, height, shapes) {
      drawing.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${shapes}</svg>`;
    },
    /** Say in words what is to be seen; spoken by screen readers whenever it changes. */
    say(text) {
      if (says.textContent !== text) says.textContent = text;
    },
    /** Show numbers, each as [key, name, text, value]: `name` may hold markup, `value` is the number in full. */
    show(rows) {
      numbers.innerHTML = rows
        .map(([key, name, text, value]) => {
          const full = value === undefined ? "" : ` data-value="${value}"`;
          return `<div><dt>${name}</dt><dd data-key="${key}"${full}>${text}</dd></div>`;
        })
        .join("");
    },
  };
}

/** Call `draw` now and whenever one of `names` changes. Returns what undoes it. */
export function watch(model, names, draw) {
  for (const name of names) model.on(`change:${name}`, draw);
  draw();
  return () => names.forEach((name) => model.off(`change:${name}`, draw));
}

/** Set values that belong together. */
export function put(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

function control(model, name, label, input, read, also = []) {
  do input.id = `explorable-${++made}`;
  while (document.getElementById(input.id)); // another explorable of the page counts for itself
  input.name = name;
  watch(model, [name, ...also], read);
  return element("div", { class: "explorable-control" }, element("label", { for: input.id }, label), input);
}

/** A slider for a number. `show` turns the number into text. For one entry of a list: `index`, and whose change moves it. */
export function slider(model, name, { label, min, max, step, show = String, index, moved = [] }) {
  const input = element("input", { type: "range", min, max, step });
  const value = element("span", { class: "explorable-value", "aria-hidden": "true" });
  const get = () => (index ? model.get(name)[index()] : model.get(name));
  input.addEventListener("input", () => {
    const number = Number(input.value);
    put(model, { [name]: index ? model.get(name).with(index(), number) : number });
  });
  const read = () => {
    input.value = get();
    value.textContent = show(get());
    input.setAttribute("aria-valuetext", value.textContent);
  };
  const box = control(model, name, label, input, read, moved);
  box.append(value);
  return box;
}

/** A choice among `options`, each [value, text]. */
export function choice(model, name, { label, options }) {
  const input = element("select", {}, ...options.map(([value, text]) => element("option", { value }, text)));
  input.addEventListener("change", () => put(model, { [name]: options[input.selectedIndex][0] }));
  return control(model, name, label, input, () => {
    input.selectedIndex = options.findIndex(([value]) => value === model.get(name));
  });
}

/** A box to tick for true or false. */
export function tick(model, name, { label }) {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", () => put(model, { [name]: input.checked }));
  const box = control(model, name, label, input, () => {
    input.checked = model.get(name);
  });
  box.classList.add("explorable-tick");
  return box;
}

/** A line of text to type in; `typed` hears what stands in it after each key. */
export function field(model, name, { label, typed }) {
  const input = element("input", { type: "text", maxlength: 300, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  input.addEventListener("input", () => typed(input.value));
  const box = control(model, name, label, input, () => {
    if (input.value !== model.get(name)) input.value = model.get(name);
  });
  box.classList.add("explorable-field");
  return box;
}

/** A row of buttons, each [text, what it does]; a string among them is a label. */
export function buttons(...wanted) {
  const button = ([text, press]) => element("button", { type: "button", onclick: press }, text);
  return element("div", { class: "explorable-buttons" }, ...wanted.map((one) => (typeof one === "string" ? one : button(one))));
}

/** A slider for the step of a sequence with buttons beside it; "Play" only for readers who do not mind motion. */
export function stepper(model, name, { label, min, last, show }) {
  const move = (by) => put(model, { [name]: Math.min(Math.max(model.get(name) + by, min), last()) });
  const box = slider(model, name, { label, min, max: last(), step: 1, show });
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };
  const row = buttons(["Back", () => (stop(), move(-1))], ["Step", () => (stop(), move(1))], [
    "Play",
    () => {
      if (timer) return stop();
      if (model.get(name) === last()) put(model, { [name]: min });
      play.textContent = "Stop";
      timer = setInterval(() => {
        if (!row.isConnected || model.get(name) >= last()) stop();
        else move(1);
      }, 1000);
    },
  ]);
  const play = row.lastChild;
  play.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return element("div", { class: "explorable-stepper" }, box, row);
}

/** A number for reading: a true minus sign, no minus before a zero. */
export function fixed(number, digits = 2) {
  const text = number.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** A number of any size: 0.0123, 1.2 × 10⁻⁷. */
export function brief(number) {
  if (number === 0 || (Math.abs(number) >= 0.01 && Math.abs(number) < 1000)) return fixed(number, 3);
  const [digits, power] = number.toExponential(1).split("e");
  const raised = [...String(Number(power))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
  return `${digits.replace("-", "−")} × 10${raised}`;
}

// SVG, as text. A quantity is a colour of the book: x, h, c, y, f, i, o, g, z, r, w.

/** Text at (x, y); `anchor` is start, middle or end. Subscripts: "h_t" and "h_{t-1}". */
export function text(x, y, words, { anchor = "middle", kind = "", quantity = "" } = {}) {
  const lowered = String(words).replace(
    /_(?:\{([^}]*)\}|(\w))/g,
    (_, long, short) => `<tspan class="sub" dy="3">${long ?? short}</tspan><tspan dy="-3">\u200b</tspan>`,
  );
  const classes = [kind, quantity && `q-${quantity}`].filter(Boolean).join(" ");
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" class="${classes}">${lowered}</text>`;
}

/** A box centred at (x, y), filled by the share `fill`. */
export function box(x, y, width, height, quantity, fill = 0.16, kind = "") {
  const corner = `x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="4"`;
  const under = fill ? `<rect ${corner} class="under"/>` : ""; // lines pass behind a box
  return `${under}<rect ${corner} class="${`box q-${quantity} ${kind}`.trim()}" style="fill-opacity:${fill}"/>`;
}

/** A round node for a pointwise operation. */
export function node(x, y, sign, quantity) {
  const circle = `<circle cx="${x}" cy="${y}" r="10" class=`;
  return `${circle}"under"/>${circle}"box q-${quantity}"/>${text(x, y + 4.5, sign)}`;
}

/** A line through `points`, with a head at its end unless `head` is false. */
export function path(points, { quantity = "", width = 1.5, head = true, kind = "" } = {}) {
  const [[a, b], [x, y]] = points.slice(-2);
  const length = Math.hypot(x - a, y - b) || 1;
  const [u, v] = [(x - a) / length, (y - b) / length];
  const size = 5 + width / 2;
  const end = head ? [x - u * size, y - v * size] : [x, y];
  const line = [...points.slice(0, -1), end].map((point) => point.map((n) => Math.round(n * 100) / 100).join(",")).join(" ");
  const classes = `line ${quantity && `q-${quantity}`} ${kind}`;
  const corners = [[x, y], [x - u * size * 1.6 - v * size * 0.7, y - v * size * 1.6 + u * size * 0.7], [x - u * size * 1.6 + v * size * 0.7, y - v * size * 1.6 - u * size * 0.7]];
  const tip = corners.map((point) => point.map((n) => Math.round(n * 100) / 100).join(",")).join(" ");
  const triangle = head ? `<polygon points="${tip}" class="head ${quantity && `q-${quantity}`} ${kind}"/>` : "";
  return `<polyline points="${line}" class="${classes}" style="stroke-width:${width}"/>${triangle}`;
}
