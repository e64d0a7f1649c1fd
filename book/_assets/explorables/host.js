// Explorables on a static page: the little of a Jupyter widget's model that they use, and the places they go to.

/** Named values that tell who listens when one of them changes. The same methods as anywidget's model. */
export function createModel(values) {
  const listeners = new Map();
  const tell = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
  return {
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      tell(`change:${name}`);
      tell("change");
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    off(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener));
    },
    save_changes() {},
  };
}

/** Bring every place on the page that asks for the explorable `name` to life. Its picture stays if that fails. */
export function mount(name, widget, start) {
  for (const place of document.querySelectorAll(`[data-explorable="${name}"]`)) {
    const model = createModel({ ...structuredClone(start), ...JSON.parse(place.dataset.start) });
    const el = place.querySelector(".explorable-stage");
    widget.render({ model, el });
    el.hidden = false;
    place.classList.add("explorable-ready");
  }
}
