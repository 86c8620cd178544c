// Controls, charts, words and a table. The places of the controls are the one state; all else follows them.

const ROWS = 200, COLUMNS = 12; // of the table

const product = (shape) => shape.reduce((a, b) => a * b, 1);

/** What `_compute_scene` of explorer.py sent, as a function of the point of the grid: {arrays, titles, limits, words}. */
function points({ arrays, titles, limits, words: sentences }) {
  const found = Object.entries(arrays).map(([name, { shapes, wide, data }]) => {
    const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
    const values = wide ? new Float64Array(bytes) : new Float32Array(bytes), starts = [0];
    for (const shape of shapes) starts.push(starts.at(-1) + product(shape)); // where each point's numbers begin
    return [name, (at) => {
      const [shape, start] = shapes.length > 1 ? [shapes[at], starts[at]] : [shapes[0], at * starts[1]];
      return { shape, values: values.subarray(start, start + product(shape)) };
    }];
  });
  const of = (list, at) => list[list.length > 1 ? at : 0]; // one for all points, or one for each
  return (at) => ({
    arrays: Object.fromEntries(found.map(([name, array]) => [name, array(at)])),
    titles: titles.map((list) => of(list, at)), limits: limits.map((list) => of(list, at)), words: of(sentences, at),
  });
}

/** The arrays that the charts draw, side by side: the nodes of a table, and of a note where it is not all of them. */
function makeTable(declared, arrays) {
  const used = new Set(declared.flatMap((one) => [...(one.x ? [one.x] : []), ...Object.values(one.curves)]));
  const columns = [...used].flatMap((name) => {
    const { shape, values } = arrays[name], width = product(shape.slice(1));
    return Array.from({ length: width }, (_, j) => ({
      head: width > 1 ? `${name}[…, ${j}]` : name, length: shape[0],
      text: (i) => (i < shape[0] ? number(values[i * width + j]) : ""),
    }));
  });
  const shown = columns.slice(0, COLUMNS), length = Math.max(...shown.map((c) => c.length)), most = Math.min(length, ROWS);
  const head = element("tr", {}, element("th", {}, ""), ...shown.map((c) => element("th", {}, c.head)));
  const rows = Array.from({ length: most }, (_, i) =>
    element("tr", {}, element("th", {}, String(i)), ...shown.map((c) => element("td", {}, c.text(i)))));
  const table = element("table", {}, head, ...rows);
  if (length === most && columns.length === shown.length) return [table];
  const note = `the first ${most} of ${length} rows, ${shown.length} of ${columns.length} columns`;
  return [table, element("p", { class: "unrolled-note" }, note)];
}

/** Controls of these names and texts, which write their places to the model; show(places) sets them. */
function makeControls(model, controls) {
  const faces = controls.map(({ name, kind, texts }, k) => (kind === "choice" ? choice : slider)(
    name, texts, model.get("places")[k], (to) => {
      model.set("places", model.get("places").map((old, j) => (j === k ? to : old)));
      model.save_changes();
    }));
  const node = element("div", { class: "unrolled-row" }, ...faces.map((face) => face.node));
  return { node, show: (places) => faces.forEach((face, k) => face.show(places[k])) };
}

/** What is drawn, under its words and above its table: {nodes, show(point), fail(sentence), leave}. */
function makePictures(declared) {
  const caption = words(), alert = element("p", { class: "unrolled-alert", role: "alert", hidden: true });
  const pictures = declared.map((one) => new Chart(one));
  const shelf = element("div", { class: "unrolled-charts" }, ...pictures.map((picture) => picture.node));
  const table = element("div", { class: "unrolled-table", tabindex: 0, role: "region", "aria-label": "the numbers as a table" });
  let arrays = null;
  const tabulate = () => { if (details.open && arrays) table.replaceChildren(...makeTable(declared, arrays)); };
  const details = element("details", { toggle: tabulate }, element("summary", { tabindex: 0 }, "the numbers as a table"), table);
  const fail = (sentence) => {
    alert.textContent = sentence;
    alert.hidden = !sentence;
    shelf.hidden = caption.hidden = details.hidden = Boolean(sentence);
  };
  const show = (now) => {
    arrays = now.arrays;
    fail("");
    pictures.forEach((picture, k) => picture.show(arrays, now.titles[k], now.limits[k]));
    if (caption.textContent !== now.words) caption.textContent = now.words;
    tabulate();
  };
  return { nodes: [alert, shelf, caption, details], show, fail, leave: () => pictures.forEach((picture) => picture.leave()) };
}

/** The kernel's answers to the controls: show(point) or fail(sentence). Returns moved(), for each change, and leave(). */
function listen(model, controls, note, { show, fail }) {
  const manager = model.widget_manager, dead = manager && !manager.kernel, kernel = manager?.kernel;
  let late = null, asked = false;
  // The kernel says that it is busy, then it answers. A server on this machine holds the answer back until the browser
  // has acknowledged the first, and a browser waits 40 ms with that, or sends it along with the next message: this one.
  const hasten = (_, status) => {
    if (status !== "busy" || !asked) return;
    asked = false;
    model.send({});
  };
  const moved = () => {
    clearTimeout(late);
    asked = true;
    late = setTimeout(() => { note.textContent = "computing …"; }, 300);
  };
  const answer = () => { // to the last change, or to one before it, which is drawn all the same
    const shown = model.get("shown");
    if (!shown.places) return;
    if (shown.places.every((k, j) => k === model.get("places")[j])) {
      clearTimeout(late);
      note.textContent = "";
    }
    if (shown.error) fail(shown.error);
    else show(points(shown)(0));
  };
  model.on("change:shown", answer);
  kernel?.statusChanged?.connect(hasten);
  answer();
  if (dead) { // the numbers beside the controls stay those of the picture
    note.textContent = "This one needs the notebook, which computes it; here it shows its first state.";
    for (const control of controls.querySelectorAll("input, select")) control.disabled = true;
  }
  const leave = () => {
    clearTimeout(late);
    model.off("change:shown", answer);
    kernel?.statusChanged?.disconnect(hasten);
  };
  return { moved, leave };
}

function render({ model, el }) {
  const scene = model.get("scene"), at = points(scene);
  const { root, leave } = mount({ model, el }, "explore", "charts with controls");
  root.dataset.live = scene.live;
  const note = element("p", { class: "unrolled-note", role: "status" });
  const controls = makeControls(model, scene.controls), picture = makePictures(scene.charts);
  root.append(controls.node, note, ...picture.nodes);

  const place = (places) => places.reduce((k, p, j) => k * scene.controls[j].texts.length + p, 0);
  picture.show(at(scene.live ? 0 : place(model.get("places"))));
  const kernel = scene.live ? listen(model, controls.node, note, picture) : null;
  const move = () => {
    const places = model.get("places");
    controls.show(places);
    if (kernel) kernel.moved();
    else picture.show(at(place(places)));
  };
  model.on("change:places", move);
  return () => {
    model.off("change:places", move);
    kernel?.leave();
    picture.leave();
    leave();
  };
}

export default { render };
