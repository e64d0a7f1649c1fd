// Leaves out of a page what axe-core would look at for nothing; it takes long over each of thousands of elements.
//
// Of all that has the same tags and classes, from the page down to its words, one stays, and none that has been on a
// page before: it has the same colours. That is for the rules on colours. All others see the page first, without those
// of the alike that no rule could object to, words in code and parts of formulas, their text left for names, and without
// the shapes of drawings that hold no text.
// Rows and cells of tables stay, without their words, for every other has its own colours.
(before) => {
  const OF_LOOKS = /^(class|style|xmlns|data-mjx-.*|unselectable|display|space|size|texclass|type|justify|limits|stretchy|scriptlevel|displaystyle|width|(row|column)spacing|columnalign|minsize|maxsize|fence|movablelimits|accent|mathvariant)$/;
  const SHAPES = /^(g|defs|clipPath|marker|use|path|rect|circle|ellipse|line|polyline|polygon)$/;
  const seen = new Set(before.split(" "));
  const fresh = [];
  const words = [];
  const rest = [];

  const short = (text) => {  // cyrb53: the text itself may be as long as the page, and is carried from page to page
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
  };
  const memo = (f) => {
    const known = new Map();
    return (one) => known.get(one) ?? known.set(one, f(one)).get(one);
  };
  const stripe = (one) => {
    if (!/^T[RDH]$/.test(one.tagName)) return "";
    const row = one.parentElement.children, index = [...row].indexOf(one);
    return one.tagName === "TR" ? [index % 2, index === 0, index === row.length - 1] : index;
  };
  const own = memo((one) => ["class", "style", "type", "aria-current"].reduce((all, name) =>
    `${all} ${name}=${one.getAttribute(name) ?? ""}`, one.tagName + stripe(one)));
  // What is in a place is written down before any of it is left out.
  const whole = memo((one) => one.tagName === "MJX-CONTAINER" && !one.querySelector("[style*=color]") ? own(one)
    : short(`${own(one)}(${[...new Set([...one.children].map(whole))].sort()})`));
  const isPart = (one) => one.localName === "span" || one.localName.startsWith("mjx-") || one instanceof MathMLElement;
  const says = (one, { name, value }) => one instanceof SVGElement
    ? /^(role|aria-.*|tabindex|lang|on.*)$/.test(name) || (one.localName !== "use" && /href$/.test(name))
    : !OF_LOOKS.test(name) || value.includes("!important");
  const silent = memo((one) => (one instanceof SVGElement ? SHAPES.test(one.localName) : isPart(one))
    && ![...one.attributes].some((attribute) => says(one, attribute)) && [...one.children].every(silent));
  const scrolls = (one) => (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight)
    && /auto|scroll/.test(getComputedStyle(one).overflow);

  const wordsOf = (one) => {
    for (const part of one.children) {
      if (silent(part)) words.push(part);
      else wordsOf(part);
    }
  };
  const leaveOut = (one) => {
    if (silent(one)) return words.push(one);
    wordsOf(one);
    if (one.tagName === "TR") for (const cell of one.children) rest.push(...cell.childNodes);
    else if (/^T[DH]$/.test(one.tagName)) rest.push(...one.childNodes);
    else rest.push(one);
  };
  const thin = (place, path) => {
    for (const one of place.children) {
      if (one.tagName === "svg" && !one.querySelector("text, foreignObject, image, a")) {
        for (const part of one.children) (silent(part) ? words : rest).push(part);
        continue;
      }
      const kind = short(`${path} > ${whole(one)}`);
      if (seen.has(kind) && !one.closest("svg")) leaveOut(one);
      else {
        thin(one, short(`${path} > ${own(one)}`));
        if (!seen.has(kind)) fresh.push(kind);
        seen.add(kind);
      }
    }
  };
  thin(document.body, "");
  const boxes = [...document.querySelectorAll("article *")].filter(scrolls);  // they must scroll for a rule to see them
  for (const one of words) {
    if (boxes.some((box) => box.contains(one) || one.contains(box))) {
      rest.push(one);
    } else {
      const text = document.createTextNode(one.textContent);
      one.replaceWith(text);
      rest.push(text);
    }
  }
  window.leaveOutRest = () => rest.forEach((one) => one.remove());
  return fresh.join(" ");
}
