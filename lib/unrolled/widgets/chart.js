// Charts: axes and marks in SVG, drawn from arrays by a declaration of charts.py. Texts stand around it, as the page's.

const CYCLE = ["y", "x", "h", "c", "gradient", "gate", "weight"];
const DASHES = ["", "12 6", "10 4 2 4", "2.5 4", "14 4 2 4 2 4", "4 4", "18 6"]; // told apart without colour, too
const MARKERS = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  (x, y, r) => `M${x} ${y - r}L${x + r} ${y + r}H${x - r}Z`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  (x, y, r) => `M${x} ${y - 1.3 * r}L${x + r} ${y}L${x} ${y + 1.3 * r}L${x - r} ${y}Z`,
];
const CELLS = ["heat", "image"]; // rows of cells in place of points between axes
const FOOT = (x, y, r) => `M${x} ${y}L${x + r} ${y - 1.6 * r}H${x - r}Z`; // ▼: a value that a log axis cannot hold

/** What is drawn, as series of points: {label, name, xs, ys}; the numbers of point i stand at numbers(i). */
function series({ kind, curves, x }, arrays) {
  const all = [];
  for (const [label, name] of Object.entries(curves)) {
    const { shape, values } = arrays[name];
    if (kind === "lines" || kind === "bars") {
      const xs = x ? arrays[x].values : Float64Array.from(values, (_, k) => k + 1);
      all.push({ label, name, xs, ys: values, at: (i) => `[${i}]` });
    } else if (kind === "image") {
      for (let r = 0; r < shape[0]; r++) {
        const row = Array.from({ length: shape[1] }, (_, k) => values.subarray(3 * (r * shape[1] + k), 3 * (r * shape[1] + k) + 3));
        all.push({ label, name, xs: row.map((_, k) => k), ys: Array(row.length).fill(r), values: row, row: r, at: (i) => `[${r},${i}]` });
      }
    } else if (kind === "heat") {
      for (let r = 0; r < shape[0]; r++) {
        const row = values.subarray(r * shape[1], (r + 1) * shape[1]);
        all.push({ label, name, xs: Array.from(row, (_, k) => k), ys: Array(row.length).fill(r), values: row, row: r, at: (i) => `[${r},${i}]` });
      }
    } else {
      const many = shape.length === 3 ? shape[1] : 1;
      for (let n = 0; n < many; n++) {
        const points = Array.from({ length: shape[0] }, (_, t) => 2 * (t * many + n));
        const at = (i) => (shape.length === 3 ? `[${i},${n},` : `[${i},`);
        const own = many > 1 ? `path ${n + 1}` : label;
        all.push({ label: own, name, xs: points.map((k) => values[k]), ys: points.map((k) => values[k + 1]), at, pair: true });
      }
    }
  }
  return all;
}

/** From dark to light, for what grows: a part of 0 to 100. */
const later = (part) => `color-mix(in srgb, var(--to) ${part}%, var(--from))`;

/** A chart: its node, show(arrays, title, limits), and leave() for the end. */
class Chart {
  constructor(spec) {
    const { kind, xlabel, ylabel, options } = spec;
    Object.assign(this, { spec, kind, options, state: null, all: [], frame: "", at: null, em: 16, box: {}, pool: {} });
    this.title = element("div", { class: "unrolled-title" });
    this.readout = element("div", { class: "unrolled-readout", "aria-live": "polite" });
    this.axes = drawSvg("g");
    this.marks = drawSvg("g");
    this.ring = drawSvg("circle", { fill: "none", style: "stroke: var(--ink)" });
    this.svg = drawSvg("svg", {
      tabindex: 0, role: "group", keydown: (event) => this.walk(event), focus: () => this.reach(this.at),
      pointermove: (event) => this.point(event), pointerdown: (event) => this.point(event),
    }, this.axes, this.marks, this.ring);
    this.plot = element("div", { class: "unrolled-plot" }, this.svg);
    this.legend = element("div", { class: "unrolled-legend" });
    this.node = element("div", { class: `unrolled-chart${options.equal ? " unrolled-square" : ""}` }, this.title,
      element("div", { class: "unrolled-ylabel" }, ...withScripts(ylabel)), this.plot,
      element("div", { class: "unrolled-xlabel" }, ...withScripts(xlabel)), this.legend, this.readout);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.plot);
    this.explain();
  }

  leave() { this.observer.disconnect(); }
  show(arrays, text, limits) {
    const known = (value) => (typeof value === "string" ? arrays[value].values[0] : value);
    this.state = { text, limits, levels: Object.values(this.spec.levels).map(known) };
    this.all = series(this.spec, arrays);
    this.title.replaceChildren(...withScripts(text));
    this.svg.setAttribute("aria-label", `chart: ${text}. Arrow keys walk over its points.`);
    if (this.kind === "heat") this.scaleBar();
    this.draw();
  }

  draw() {
    if (!this.measure()) return;
    for (const old of Object.values(this.pool)) old.used = false;
    this[this.kind]();
    for (const [key, old] of Object.entries(this.pool)) if (!old.used) { old.remove(); delete this.pool[key]; }
    if (this.at) this.reach(this.at);
  }

  /** Axes for these limits and this size; they stay until one of them changes. */
  measure() {
    const { clientWidth: width, clientHeight: height } = this.plot; // its own pixels, also on a slide, which is scaled
    const heat = CELLS.includes(this.kind);
    if (!width || !this.state) return false;
    this.em = parseFloat(getComputedStyle(this.plot).fontSize);
    const key = JSON.stringify([width, height, this.em, this.state.limits, heat && [this.all.length, this.all[0].xs.length]]);
    if (key === this.frame) return true;
    this.frame = key;
    this.room = heat ? { x: [-0.5, this.all[0].xs.length - 0.5], y: [this.all.length - 0.5, -0.5] } : this.state.limits;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    this.layout(width, height);
    return true;
  }

  layout(width, height) {
    const { em, room, kind, options, spec } = this, heat = CELLS.includes(kind);
    const named = (names, most) => {
      const step = Math.ceil(names.length / most);
      return names.map((text, k) => ({ value: k + (heat ? 0 : 1), text })).filter((_, k) => k % step === 0);
    };
    const top = 0.6 * em, bottom = height - 1.9 * em, rows = Math.max(2, Math.floor(height / (2.2 * em)));
    const ys = options.rows ? named(options.rows, Math.floor((bottom - top) / (1.3 * em))) // a line of type for each
      : spec.log ? logTicks(...room.y, rows) : ticks(Math.min(...room.y), Math.max(...room.y), rows, heat);
    const longest = Math.max(...ys.map((t) => t.text.length + 0.75 * (t.power?.length ?? 0)), 1);
    const left = Math.min(width / 3, em * (0.9 + 0.58 * longest));
    const box = (this.box = { left, right: width - 0.9 * em, top, bottom });
    if (options.equal) {
      const side = Math.min(box.right - left, box.bottom - box.top);
      box.right = left + side;
      box.bottom = box.top + side;
    }
    const across = ([low, high], from, to, f = (v) => v) => (v) => from + ((f(v) - f(low)) / (f(high) - f(low))) * (to - from);
    this.X = across(room.x, box.left, box.right);
    this.Y = across(room.y, box.bottom, box.top, spec.log ? Math.log10 : undefined);
    const names = options.columns ?? options.names;
    const wide = names ? em * (1 + 0.6 * Math.max(...names.map((n) => n.length))) : (kind === "bars" ? 2.5 : 4) * em;
    const columns = Math.max(2, Math.floor((box.right - box.left) / wide));
    const counted = heat || kind === "bars" || (kind === "lines" && !spec.x);
    this.scales(names ? named(names, columns) : ticks(...room.x, columns, counted), ys);
  }

  scales(xs, ys) {
    const { em, box, X, Y } = this, heat = CELLS.includes(this.kind);
    const text = (tick, attributes) => drawSvg("text", { "font-size": em, ...attributes }, tick.text,
      tick.power == null ? null : drawSvg("tspan", { dy: -0.4 * em, "font-size": 0.75 * em }, tick.power));
    const grid = (d) => (heat ? null : drawSvg("path", { d, class: "unrolled-grid" }));
    this.axes.replaceChildren(...[
      ...ys.flatMap((t) => [grid(`M${box.left} ${Y(t.value)}H${box.right}`),
        text(t, { x: box.left - 0.4 * em, y: Y(t.value) + 0.35 * em, "text-anchor": "end" })]),
      ...xs.flatMap((t) => [grid(`M${X(t.value)} ${box.top}V${box.bottom}`),
        text(t, { x: X(t.value), y: box.bottom + 1.3 * em, "text-anchor": "middle" })]),
      heat ? null : drawSvg("path", { d: `M${box.left} ${box.top}V${box.bottom}H${box.right}`, fill: "none", class: "unrolled-axis" }),
    ].filter(Boolean));
  }

  /** A node of the marks, made once and changed afterwards. */
  mark(key, tag, attributes) {
    const old = this.pool[key] ?? (this.pool[key] = this.marks.appendChild(drawSvg(tag)));
    for (const [name, value] of Object.entries(attributes)) if (old.getAttribute(name) !== String(value)) old.setAttribute(name, value);
    old.used = true;
  }

  colour(label, k, n) {
    const { roles } = this.spec, part = (100 * k) / Math.max(1, n - 1);
    return roles[label] ? `var(--${roles[label]})` : this.options.ordered ? later(part) : `var(--${CYCLE[k % 7]})`;
  }

  /** Where a point stands; a value that a log axis cannot hold stands at its foot. */
  place(s, i) {
    const inside = (v) => Math.max(-1e4, Math.min(1e4, v)); // far outside: SVG holds no 1e300
    return [inside(this.X(s.xs[i])), this.low(s, i) ? this.box.bottom : inside(this.Y(s.ys[i]))];
  }

  low(s, i) { return this.spec.log && !(s.ys[i] > 0); }
  trace(s) {
    let d = "", pen = "M";
    for (let i = 0; i < s.xs.length; i++) {
      if (this.low(s, i)) { pen = "M"; continue; }
      const [x, y] = this.place(s, i);
      d += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
    }
    return d || "M0 0";
  }

  lines() {
    const { em, all, box } = this;
    all.forEach((s, k) => {
      const stroke = this.colour(s.label, k, all.length), zeros = Array.from(s.ys.keys()).filter((i) => this.low(s, i));
      this.mark(`line ${k}`, "path", { d: this.trace(s), fill: "none", "stroke-width": 0.16 * em, "stroke-dasharray": DASHES[k % 7], "stroke-linejoin": "round", style: `stroke: ${stroke}` });
      const shown = zeros.filter((_, i) => i % (Math.floor(zeros.length / 20) + 1) === 0);
      if (shown.length) this.mark(`foot ${k}`, "path", { d: shown.map((i) => FOOT(this.X(s.xs[i]), box.bottom, 0.35 * em)).join(""), style: `fill: ${stroke}` });
    });
    this.state.levels.forEach((value, k) => this.mark(`level ${k}`, "path", { d: `M${box.left} ${this.Y(value)}H${box.right}`, "stroke-width": 0.1 * em, "stroke-dasharray": DASHES[(all.length + k) % 7], style: "stroke: var(--ink)" }));
  }

  bars() {
    const [s] = this.all, { room, X, Y, box } = this, zero = Y(Math.max(room.y[0], Math.min(room.y[1], 0)));
    s.ys.forEach((_, i) => {
      const x = X(i + 0.6), [, top] = this.place(s, i);
      this.mark(`bar ${i}`, "rect", { x, width: X(i + 1.4) - x, y: Math.min(top, zero), height: Math.max(Math.abs(top - zero), 0.5), style: `fill: ${this.colour(s.label, 0, 1)}` });
    });
    this.mark("zero", "path", { d: `M${box.left} ${zero}H${box.right}`, class: "unrolled-axis" });
  }

  heat() {
    const [signed, limit] = this.state.limits.colour, { X, Y } = this;
    this.all.forEach((s) => s.values.forEach((v, i) => this.mark(`cell ${s.row} ${i}`, "rect", {
      x: X(i - 0.5), y: Y(s.row - 0.5), width: X(1) - X(0) + 0.3, height: Y(1) - Y(0) + 0.3,
      style: `fill: ${signed ? diverging(v / limit) : sequential(v / limit).fill}`,
    })));
  }

  image() {
    const { X, Y } = this;
    this.all.forEach((s) => s.values.forEach((rgb, i) => this.mark(`cell ${s.row} ${i}`, "rect", {
      x: X(i - 0.5), y: Y(s.row - 0.5), width: X(1) - X(0) + 0.3, height: Y(1) - Y(0) + 0.3,
      style: `fill: rgb(${Array.from(rgb, (v) => Math.round(255 * v)).join(" ")})`,
    })));
  }

  scatter() {
    const { em, X, Y, all } = this;
    if (this.options.circle) this.mark("circle", "ellipse", { cx: X(0), cy: Y(0), rx: X(1) - X(0), ry: Y(0) - Y(1), fill: "none", "stroke-width": 0.1 * em, style: "stroke: var(--ink)" });
    all.forEach((s, k) => this.mark(`cloud ${k}`, "path", { d: s.xs.map((_, i) => MARKERS[k % 4](...this.place(s, i), 0.35 * em)).join(""), "fill-opacity": 0.8, style: `fill: ${this.colour(s.label, k, all.length)}` }));
  }

  path() {
    const { em } = this;
    this.all.forEach((s, k) => {
      this.mark(`line ${k}`, "path", { d: this.trace(s), fill: "none", "stroke-width": 1, style: "stroke: var(--soft)" });
      s.xs.forEach((_, i) => {
        const [cx, cy] = this.place(s, i).map((v) => v.toFixed(1));
        this.mark(`dot ${k} ${i}`, "circle", { cx, cy, r: 0.26 * em, style: `fill: ${later((100 * i) / Math.max(1, s.xs.length - 1))}` });
      });
      const [cx, cy] = this.place(s, 0);
      this.mark(`first ${k}`, "circle", { cx, cy, r: 0.5 * em, fill: "none", "stroke-width": 0.12 * em, style: "stroke: var(--ink)" });
    });
  }

  /** Series k and its point i come into reach: a ring, and the numbers in words. */
  reach(to) {
    if (!this.all.length || !this.X) return;
    const k = Math.min((to ?? [0])[0], this.all.length - 1), s = this.all[k];
    const i = Math.max(0, Math.min((to ?? [0, 0])[1], s.xs.length - 1)), [cx, cy] = this.place(s, i);
    this.at = [k, i];
    for (const [name, value] of Object.entries({ cx, cy, r: 0.55 * this.em, "stroke-width": 0.14 * this.em })) this.ring.setAttribute(name, value);
    const { xlabel, ylabel, curves } = this.spec, { rows, columns, names } = this.options;
    const value = (v, name) => element("span", { "data-name": name }, number(v));
    const own = Object.keys(curves).length > 1 || s.label.startsWith("path ");
    if (this.kind === "image") this.readout.replaceChildren(`${ylabel} ${s.row}, ${xlabel} ${i}: red, green, blue `, ...Array.from(s.values[i], (v, k) => [k ? ", " : "", value(v, `${s.name}[${s.row},${i},${k}]`)]).flat());
    else if (this.kind === "heat") this.readout.replaceChildren(...withScripts(`${ylabel} ${rows?.[s.row] ?? s.row}, ${xlabel} ${columns?.[i] ?? i}: ${s.label} = `), value(s.values[i], s.name + s.at(i)));
    else if (s.pair) this.readout.replaceChildren(...withScripts(`${own ? `${s.label}, ` : ""}point ${i}: ${xlabel} = `), value(s.xs[i], `${s.name}${s.at(i)}0]`), ...withScripts(`, ${ylabel} = `), value(s.ys[i], `${s.name}${s.at(i)}1]`));
    else this.readout.replaceChildren(...withScripts(`${xlabel} = `), names ? names[i] : value(s.xs[i], "x"), ...withScripts(`, ${own ? s.label : ylabel} = `), value(s.ys[i], s.name + s.at(i)));
  }

  walk(event) {
    const [k, i] = this.at ?? [0, 0], last = this.all[k].xs.length - 1;
    const to = { ArrowLeft: [k, i - 1], ArrowRight: [k, i + 1], Home: [k, 0], End: [k, last], ArrowUp: [Math.max(0, k - 1), i], ArrowDown: [k + 1, i] }[event.key];
    if (!to) return;
    event.preventDefault();
    this.reach(to);
  }

  /** The point nearest to the mouse. */
  point(event) {
    if (!this.X) return;
    const { left, top, width } = this.svg.getBoundingClientRect(), scale = width / this.plot.clientWidth;
    const [x, y] = [(event.clientX - left) / scale, (event.clientY - top) / scale];
    let best = Infinity, to = null;
    this.all.forEach((s, k) => s.xs.forEach((_, i) => {
      const [px, py] = this.place(s, i), far = (px - x) ** 2 + (py - y) ** 2;
      if (far < best) { best = far; to = [k, i]; }
    }));
    this.reach(to);
  }

  /** What each colour and dash means. */
  explain() {
    const names = Object.keys(this.spec.curves), levels = Object.keys(this.spec.levels), n = names.length;
    const entry = (label, attributes) => element("span", {},
      drawSvg("svg", { width: 44, height: 14, "aria-hidden": "true" }, drawSvg("path", attributes)), ...withScripts(label));
    const dash = (label, k, width, stroke) => entry(label, { d: "M0 7H44", fill: "none", "stroke-width": width, "stroke-dasharray": DASHES[k % 7], style: `stroke: ${stroke}` });
    if (this.kind === "lines" && n + levels.length > 1) this.legend.append(...names.map((label, k) => dash(label, k, 3, this.colour(label, k, n))), ...levels.map((label, k) => dash(label, n + k, 2, "var(--ink)")));
    else if (this.kind === "scatter" && n > 1) this.legend.append(...names.map((label, k) => entry(label, { d: MARKERS[k % 4](22, 7, 5), style: `fill: ${this.colour(label, k, n)}` })));
    else if (this.kind === "path") this.legend.append("◯ the first state; dark to light with time");
  }

  scaleBar() {
    const [signed, limit] = this.state.limits.colour;
    const stops = Array.from({ length: 9 }, (_, k) => (signed ? diverging(k / 4 - 1) : sequential(k / 8).fill));
    const bar = element("span", { style: `display: inline-block; width: 8em; height: .9em; border: 1px solid var(--line); background: linear-gradient(to right, ${stops.join(", ")})` });
    this.legend.replaceChildren(element("span", {}, `${signed ? number(-limit) : "0"} `, bar, ` ${number(limit)}`));
  }
}
