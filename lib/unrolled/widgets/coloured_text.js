// A text, coloured by one of its series. The characters are set once; a change of the cell changes colours alone.

const LEVELS = 40; // shades each side of zero: fewer than the eye tells apart side by side, and each is made once
const REST = 150; // ms after a change until what is out of view follows

/** The look of every shade, as a style sheet: a class costs the browser less than the same style on every character. */
function shades(diverges) {
  const rules = Array.from({ length: 2 * LEVELS + 1 }, (_, k) => {
    const part = k / LEVELS - 1, { fill, ink } = sequential(part);
    const look = diverges ? `background-color: ${diverging(0.75 * part)}` : `background-color: ${fill}; color: ${ink}`; // 0.75: the ink stays readable
    return `.unrolled-${diverges ? "signed" : "rising"}-${k} { ${look} }`;
  });
  return element("style", {}, rules.join("\n"));
}

/** A character as it is named in words. */
function nameOf(character) {
  return { "\n": "line break", " ": "space", "\t": "tab" }[character] ?? `'${character}'`;
}

function render({ model, el }) {
  const { title, text, names, colours, limits, length, series } = model.get("scene");
  const { root, leave } = mount({ model, el }, "text_heat", title);
  const characters = Array.from(text), { values } = fromBinary(series), T = characters.length; // code points, as Python counts
  const diverges = colours === "diverging";
  const shade = (part) => `unrolled-${diverges ? "signed" : "rising"}-${Math.round((part + 1) * LEVELS)}`;
  const label = element("span"), shown = element("strong"), caption = words();
  caption.append(label, shown);
  let cell = 0, at = 0, later = null;
  const value = (t) => values[cell * T + t];

  const spans = characters.map((character) => {
    const span = document.createElement("span"), control = character < " ";
    span.textContent = control && !"\n\t".includes(character) ? String.fromCodePoint(0x2400 + character.codePointAt(0)) : character;
    if (character === "\n") span.dataset.mark = "↵";
    if (character === "\t") span.dataset.mark = "⇥";
    return span;
  });
  const kinds = characters.map((character) => (character === " " ? "unrolled-space " : ""));

  /** The colours of characters first … last - 1. */
  function paint(first = 0, last = T) {
    const limit = limits[cell];
    for (let t = first; t < last; t++) {
      const part = Math.max(-1, Math.min(1, value(t) / limit));
      const look = (diverges && part < 0 ? "unrolled-below " : "") + kinds[t] + shade(part);
      if (look !== spans[t].className) spans[t].className = look;
    }
  }

  /** The characters in view, as (first, last + 1). */
  function inView() {
    const { top, bottom } = area.getBoundingClientRect();
    const count = (before) => {
      let [low, high] = [0, T];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (before(spans[middle].getBoundingClientRect())) low = middle + 1; else high = middle;
      }
      return low;
    };
    return [count((box) => box.bottom <= top), count((box) => box.top < bottom)];
  }

  function say() {
    label.textContent = `${nameOf(characters[at])} at ${at}: ${names[cell]} = `;
    shown.textContent = number(value(at));
    shown.dataset.name = `${names[cell]}[${at}]`;
    area.setAttribute("aria-valuenow", at);
    area.setAttribute("aria-valuetext", caption.textContent);
    numbers.refresh();
  }

  function reach(t, scroll = true) {
    spans[at].removeAttribute("data-at");
    at = Math.max(0, Math.min(T - 1, t));
    spans[at].setAttribute("data-at", "");
    if (scroll) spans[at].scrollIntoView({ block: "nearest" });
    say();
  }

  function turn(k) {
    cell = Math.max(0, Math.min(names.length - 1, k));
    const view = inView(); // read before anything is written, or the browser would lay out the page twice
    if (chooser) { chooser.show(cell); list.value = cell; }
    paint(...view);
    clearTimeout(later); // all the others while nobody waits: 5000 new colours cost a frame
    later = setTimeout(paint, REST);
    bounds();
    say();
  }

  function bounds() {
    const limit = limits[cell];
    ends.forEach((end, k) => { end.textContent = number([diverges ? -limit : 0, limit][k]); });
  }

  function move(event) {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: T - 1 }[event.key];
    const other = { ArrowUp: cell - 1, ArrowDown: cell + 1, PageUp: cell - 10, PageDown: cell + 10 }[event.key];
    if (to !== undefined) reach(to);
    else if (other !== undefined) turn(other);
    else return;
    event.preventDefault();
  }

  /** The characters around the one in reach. */
  function table() {
    const first = Math.max(0, Math.min(at - ROWS / 2, T - ROWS)), rows = Array.from({ length: Math.min(ROWS, T) }, (_, k) => first + k);
    const caption = T > ROWS ? `Characters ${first} to ${rows.at(-1)} of ${T}, around the one in reach` : "All characters";
    return { caption, corner: "at", rows,
      columns: [{ head: "character", at: (k) => nameOf(characters[rows[k]]) }, { head: names[cell], at: (k) => value(rows[k]) }] };
  }

  const area = element("div", {
    class: "unrolled-text", tabindex: 0, role: "slider", "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": T - 1,
    "aria-label": `${title}: the text; left and right walk over it, up and down change the cell`, keydown: move,
    pointerover: ({ target }) => { if (target.parentNode === area) reach(spans.indexOf(target), false); },
  }, ...spans);
  const many = names.length > 1;
  const chooser = many ? slider("Cell:", names, 0, turn) : null;
  const list = many ? element("select", { "aria-label": "cell by name", change: () => turn(Number(list.value)) },
    ...names.map((name, k) => element("option", { value: k }, name))) : null;
  const ends = [element("span"), element("span")];
  const swatches = Array.from({ length: 9 }, (_, k) => element("span", { class: shade(diverges ? k / 4 - 1 : k / 8) }));
  const legend = element("div", { class: "unrolled-row" }, ends[0], element("span", { class: "unrolled-scale" }, ...swatches), ends[1],
    diverges ? element("span", { class: "unrolled-note" }, "underlined: below zero") : null);
  const numbers = fold(() => [table()]);
  const cut = length > T ? element("div", { class: "unrolled-note" }, `first ${T} of ${length} characters shown`) : null;
  const tools = many ? element("div", { class: "unrolled-row" }, chooser.node, list) : null;
  root.append(...[shades(diverges), element("div", {}, element("strong", {}, title)), tools, area, cut, legend, caption, numbers.node].filter(Boolean));
  paint();
  bounds();
  reach(0, false);
  return () => { clearTimeout(later); leave(); };
}

export default { render };
