// The graph as SVG, in the units of graphs.py. It is drawn once; a step changes texts, classes and attributes of it.

const LINE = 0.29; // the height of a line of numbers, as in graphs.py
const TAG = 0.2; // of a line of what an edge carries

/** A name with its index below: W_xh as W and a small xh; the $, _ and braces of `graphs.layout` are left out. */
function title(line, x, y) {
  const parts = line.split("$");
  const spans = parts.flatMap((part, k) => {
    if (k % 2 === 0) return [drawSvg("tspan", {}, part)];
    const [letter, index] = part.replace(/[{}]/g, "").split("_");
    return [drawSvg("tspan", { "font-style": "italic", "font-weight": 700 }, letter),
      ...(index ? [drawSvg("tspan", { dy: 0.06, "font-size": 0.17 }, index), drawSvg("tspan", { dy: -0.06 }, "\u200b")] : [])];
  });
  return drawSvg("text", { x, y }, ...spans);
}

/** A line with a tip at its end, moved aside to its right; aside 0 is the line itself. */
function arrow(points, aside, name) {
  const [[x0, y0], [x1, y1]] = [points[0], points.at(-1)], length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [(-aside * (y1 - y0)) / length, (aside * (x1 - x0)) / length];
  const moved = points.map(([x, y]) => [x + dx, y + dy]);
  const [end, before] = [moved.at(-1), moved.at(-2)], last = Math.hypot(end[0] - before[0], end[1] - before[1]) || 1;
  const [ux, uy] = [(end[0] - before[0]) / last, (end[1] - before[1]) / last], size = aside > 0.05 ? 0.2 : 0.13;
  const side = (s) => [end[0] - size * ux - s * size * 0.5 * uy, end[1] - size * uy + s * size * 0.5 * ux];
  const foot = [end[0] - 0.7 * size * ux, end[1] - 0.7 * size * uy];
  return drawSvg("g", { class: name },
    drawSvg("polyline", { points: [...moved.slice(0, -1), foot].join(" ") }),
    drawSvg("polygon", { class: "unrolled-tip", points: [end, side(1), side(-1)].join(" ") }));
}

/** The middle of a line, and the two ends of the part around it: of a line with corners, the last straight part. */
function middle(points) {
  const [[x0, y0], [x1, y1]] = points.length < 5 ? points.slice(-2) : [points[0], points.at(-1)];
  return [points.length < 5 ? [(x0 + x1) / 2, (y0 + y1) / 2] : points[Math.floor(points.length / 2)], [x0, y0], [x1, y1]];
}

/** Where a backward edge is cut: a gap in it, between two bars. */
function gap(points) {
  const [[mx, my], [x0, y0], [x1, y1]] = middle(points);
  const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
  return drawSvg("g", { class: "unrolled-cut", transform: `translate(${mx} ${my}) rotate(${angle}) translate(0 -.08)` },
    drawSvg("title", {}, "cut: no gradient passes here"),
    drawSvg("rect", { x: -0.06, y: -0.09, width: 0.12, height: 0.18 }), drawSvg("path", { d: "M-.02 -.14 L-.1 .14 M.1 -.14 L.02 .14" }));
}

/** What an edge carries back, as text: left of an arrow that stands upright, below the middle of another, or at `tap`. */
function tag(points, name, tap) {
  const [[mx, my], [x0, y0], [x1, y1]] = middle(points);
  const kind = tap ? "tap" : Math.abs(x1 - x0) < Math.abs(y1 - y0) ? "upright" : "level";
  const text = drawSvg("text", { "data-name": name }), card = drawSvg("rect"); // a tag on wires has a ground of its own
  const node = drawSvg("g", { class: `unrolled-share unrolled-${kind}` }, tap ? card : null, text);
  const write = (lines) => {
    const [x, y] = tap ?? (kind === "level" ? [mx, my + 0.24] : [mx - 0.2, my + 0.06 - (TAG * (lines.length - 1)) / 2]);
    text.replaceChildren(...lines.map((line, k) => drawSvg("tspan", { x, y: y + TAG * k }, line)));
    const width = 0.09 * Math.max(0, ...lines.map((line) => line.length)) + 0.1;
    for (const [key, size] of Object.entries({ x: x - width + 0.05, y: y - 0.8 * TAG, width, height: 1.15 * TAG * lines.length })) card.setAttribute(key, size);
  };
  return { node, kind, write };
}

/** Where a record's taps have their tags, while it is the current one: below all wires, one under the other. */
function shelf({ wires }, { edges }) {
  const taps = edges.filter((edge) => edge.line && edge.tap), right = Math.max(...taps.map((edge) => edge.line[0][0])) + 0.2;
  const top = Math.max(...wires.map((wire) => wire.lane)) + 0.3;
  return (edge) => (taps.includes(edge) ? [right, top + 1.15 * TAG * taps.indexOf(edge)] : null);
}

/** One part of a box: its frame, its heads, and a text for each number, or two for a large array's shape and norm. */
function part(v, gradient, on) {
  const [x, y, width, height] = gradient ? v.gradientBox : v.box;
  const colour = `var(--${gradient ? "gradient" : v.role || "line"})`;
  const heads = gradient ? [] : v.heads;
  const rect = drawSvg("rect", { x, y, width, height, rx: 0.08 });
  rect.style.stroke = colour;
  rect.style.fill = !gradient && v.role === "weight" ? "var(--paper)" : `color-mix(in srgb, ${colour} 22%, var(--paper))`;
  const tip = `${gradient ? "d" : ""}${v.name}: shape ${v.shape}`;
  const node = drawSvg("g", { mouseenter: () => on.hint(v, gradient) }, drawSvg("title", {}, tip), rect,
    ...heads.map((head, k) => title(head, x + width / 2, y + 0.06 + LINE * (k + 0.76))));
  const top = y + 0.06 + LINE * heads.length;
  const large = v.large, columns = large ? 1 : v.columns, step = (width - 0.2) / columns;
  const numbers = Array.from({ length: large ? 1 : v.size }, (_, n) => {
    const [row, column] = [Math.floor(n / columns), n % columns];
    const [left, line] = [x + 0.1 + column * step, top + row * LINE], high = large ? 2 * LINE : LINE;
    const name = `${gradient ? "d" : ""}${v.name}${place(v, n)}`;
    const texts = (large ? [v.shape, ""] : [""]).map((text, k) =>
      drawSvg("text", { x: left + step / 2, y: line + LINE * (k + 0.76) }, text));
    const cell = drawSvg("g", {
      role: "button", tabindex: -1, "data-name": name, click: () => on.pick(v, gradient, n),
      focus: () => on.hint(v, gradient), keydown: (event) => on.key(event, v, gradient, n),
    }, drawSvg("rect", { x: left, y: line, width: step, height: high }), ...texts);
    node.append(cell);
    return { cell, text: texts.at(-1), name, v, gradient, n, x: left + step / 2, y: line + high / 2 };
  });
  return { node, rect, numbers };
}

/** A number's place as NumPy takes it: [0, 1]; none for a scalar, nor for an array that is shown by its shape. */
function place(v, n) {
  if (v.shape === "()" || v.large) return "";
  return v.shape.includes(",)") ? `[${n}]` : `[${Math.floor(n / v.columns)}, ${n % v.columns}]`;
}

/** All of it: {node, parts: by Var [value, gradient], edges: by record and input {forward, back, cut, tag}, frame, numbers}. */
function picture(scene, on) {
  const [left, top, width, height] = scene.frame;
  const node = drawSvg("svg", { viewBox: scene.frame.join(" "), role: "group", "aria-label": scene.title });
  // Type as around it; on a small screen down to four fifths of that, or to 12 px.
  const full = width * 4.25, most = (72 * width) / height, small = `min(${0.8 * full}em, ${width * 55.8}px * var(--scale, 1))`;
  node.style.width = `min(${full}em, max(${small}, min(${most}vh, 100%)))`;
  node.style.aspectRatio = `${width} / ${height}`;
  for (const wire of scene.wires) {
    const v = scene.vars[wire.var], x = v.box[0] + v.box[2] / 2;
    const foot = v.gradientBox ? v.gradientBox[1] + v.gradientBox[3] : v.box[1] + v.box[3];
    node.append(drawSvg("path", { class: "unrolled-lane", d: `M${x} ${foot} V${wire.lane} M${wire.from} ${wire.lane} H${wire.to}` }));
  }
  const edges = scene.records.map((record, n) => record.edges.map((edge, i) => {
    if (!edge.line) return {};
    const { name } = scene.vars[edge.var];
    const { tap } = edge; // taps stand close: their way back is thin
    const forward = arrow(edge.line, 0, "unrolled-forward");
    if (tap) forward.append(drawSvg("circle", { cx: edge.line[0][0], cy: edge.line[0][1], r: 0.05, class: "unrolled-tip" }));
    if (edge.role) forward.style.setProperty("--way", `var(--${edge.role})`); // the colour of what runs along it
    const back = arrow([...edge.line].reverse(), tap ? 0.035 : 0.08, tap ? "unrolled-back unrolled-tap" : "unrolled-back");
    const cut = edge.border === null ? null : gap(edge.line);
    for (const way of [forward, back]) way.addEventListener("mouseenter", () => on.edge(n, i));
    node.append(forward, back, ...(cut ? [cut] : []));
    return { forward, back, cut, tag: tag(edge.line, `${name} ← ${record.label}`, shelf(scene, record)(edge)) };
  }));
  const parts = scene.vars.map((v) => [part(v, false, on), v.gradientBox ? part(v, true, on) : null]);
  for (const both of parts) for (const one of both) if (one) node.append(one.node);
  const frame = drawSvg("rect", { class: "unrolled-frame", rx: 0.1 });
  node.append(frame, ...edges.flat().flatMap(({ tag: text }) => (text ? [text.node] : [])));
  const numbers = parts.flatMap((both) => both.flatMap((one) => (one ? one.numbers : [])));
  return { node, parts, edges, frame, numbers };
}
