// A pad of a few pixels. The picture is the trait `pixels`, so every view of it and Python see each stroke.

const KEPT = 100; // strokes that can be taken back

function render({ model, el }) {
  const { title, size, channels, colours } = model.get("scene");
  const { root, leave } = mount({ model, el }, "sketchpad", title);
  const names = Object.keys(colours), widths = [1, 2, 3];
  const canvas = element("canvas", { width: size, height: size }), context = canvas.getContext("2d");
  const image = context.createImageData(size, size), pen = element("div"), caption = words();
  const past = [];
  let ink = 0, width = 1, at = [Math.floor(size / 2), Math.floor(size / 2)], stroke = null;

  const picture = () => fromBinary({ shape: [size, size], data: model.get("pixels") }).values;

  function keep(values) {
    model.set("pixels", new DataView(values.buffer));
    model.save_changes();
  }

  function show() {
    const values = picture();
    for (let k = 0; k < size * size; k++) {
      for (let c = 0; c < 3; c++) image.data[4 * k + c] = 255 * values[channels * k + (channels === 3 ? c : 0)];
      image.data[4 * k + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    say(values);
  }

  function say(values = picture()) {
    let painted = 0;
    for (let k = 0; k < size * size; k++) if (values.subarray(channels * k, channels * (k + 1)).some((v) => v > 0)) painted++;
    const [i, j] = at, place = channels * (i * size + j);
    const here = Array.from(values.subarray(place, place + channels), number).join(", ");
    caption.textContent = `Row ${i}, column ${j}: ${here}. ${painted} of ${size * size} pixels painted. The pen is ${names[ink]}, ${width} px wide.`;
    undo.disabled = !past.length;
    for (const [side, k] of [["top", i], ["left", j]]) pen.style[side] = `${(100 * k) / size}%`;
  }

  /** The part of each pixel that the stroke covers so far grows by the piece from p to q, both (row, column). */
  function cover(p, q) {
    const [dy, dx] = [q[0] - p[0], q[1] - p[1]], length = dy * dy + dx * dx;
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) {
      const [y, x] = [i - p[0], j - p[1]];
      const along = length ? Math.min(1, Math.max(0, (y * dy + x * dx) / length)) : 0;
      const part = width / 2 + 0.5 - Math.hypot(y - along * dy, x - along * dx);
      stroke.parts[i * size + j] = Math.max(stroke.parts[i * size + j], Math.min(1, Math.max(0, part)));
    }
    const colour = colours[names[ink]];
    keep(stroke.before.map((v, k) => v + stroke.parts[Math.floor(k / channels)] * (colour[k % channels] - v)));
  }

  function begin(place) {
    remember();
    stroke = { before: picture(), parts: new Float32Array(size * size), last: place };
    cover(place, place);
  }

  function remember() {
    past.push(picture());
    if (past.length > KEPT) past.shift();
  }

  function back() {
    stroke = null;
    if (past.length) keep(past.pop());
  }

  function clear() {
    if (!picture().some((v) => v > 0)) return;
    remember();
    keep(new Float32Array(size * size * channels));
  }

  /** Where the pointer is, in pixels: whole numbers are their middles. */
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width].map((part) => part * size - 0.5);
  }

  function draw(event) {
    for (const each of event.getCoalescedEvents?.() ?? []) follow(place(each));
    follow(place(event));
  }

  function follow(to) {
    cover(stroke.last, to);
    stroke.last = to;
    at = to.map((v) => Math.min(size - 1, Math.max(0, Math.round(v))));
    say();
  }

  function press(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const [i, j] = at, undoes = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey);
    if (undoes) back();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === " ") { begin(at); stroke = null; }
    else if (event.key === "Home" || event.key === "End") at = [i, event.key === "Home" ? 0 : size - 1];
    else if (step) at = [i + step[0], j + step[1]].map((v) => Math.min(size - 1, Math.max(0, v)));
    else return;
    event.preventDefault();
    say();
  }

  const pad = element("div", {
    class: "unrolled-pad", tabindex: 0, role: "application", "aria-roledescription": "drawing pad",
    "aria-label": `${title}, ${size} by ${size} pixels: arrows move the pen, space paints, Ctrl+Z takes back`, keydown: press,
    pointerdown: (event) => {
      if (event.button) return;
      event.preventDefault();
      pad.focus({ focusVisible: false });
      pad.setPointerCapture(event.pointerId);
      begin(place(event));
    },
    pointermove: (event) => { if (stroke) draw(event); }, pointerup: () => { stroke = null; }, pointercancel: () => { stroke = null; },
  }, canvas, pen);
  pen.style.width = pen.style.height = `${100 / size}%`;
  const undo = button("undo", back, "undo: take the last stroke back");
  const brush = choice("Pen:", widths.map((w) => `${w} px`), 0, (k) => { width = widths[k]; say(); });
  const paints = choice("Colour:", names, 0, (k) => { ink = k; say(); });
  paints.node.querySelectorAll("input").forEach((input, k) => {
    const swatch = element("span", { class: "unrolled-swatch" }), colour = colours[names[k]].map((v) => Math.round(255 * v));
    swatch.style.backgroundColor = `rgb(${channels === 3 ? colour : [colour[0], colour[0], colour[0]]})`;
    input.after(swatch);
  });
  const side = element("div", { class: "unrolled-side" }, paints.node, brush.node,
    element("div", { class: "unrolled-row" }, undo, button("clear", clear, "clear: make every pixel black")));
  const row = element("div", { class: "unrolled-row" }, pad, side);
  row.style.alignItems = "flex-start";
  root.append(element("div", {}, element("strong", {}, title)), row, caption);
  model.on("change:pixels", show);
  show();
  return () => { model.off("change:pixels", show); leave(); };
}

export default { render };
