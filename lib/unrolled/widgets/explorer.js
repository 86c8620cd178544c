// Controls, charts, words and a table. The places of the controls are the one state; all else follows them.

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

/** What a chart draws, for `fold`. */
function tableOf({ all, kind, state, spec: { xlabel, ylabel, curves, levels, options } }) {
  const caption = [state.text];
  if (CELLS.includes(kind)) {
    const at = (row, j) => (kind === "image" ? Array.from(row.values[j], number).join(", ") : row.values[j]);
    if (kind === "image") caption.push("Each cell: red, green, blue");
    return { caption: caption.join(". "), corner: `${ylabel} \\ ${xlabel}`, rows: all.map(({ row }) => options.rows?.[row] ?? row),
      columns: all[0].xs.map((_, j) => ({ head: String(options.columns?.[j] ?? j), at: (r) => at(all[r], j) })) };
  }
  Object.keys(levels).forEach((label, k) => caption.push(`${label}: ${number(state.levels[k])}`));
  if (kind === "lines" || kind === "bars") {
    if (all.length > 1) caption.push(ylabel);
    return { caption: caption.join(". "), corner: xlabel, rows: options.names ?? Array.from(all[0].xs),
      columns: all.map(({ label, ys }) => ({ head: all.length > 1 ? label : ylabel, at: (i) => ys[i] })) };
  }
  const own = (label) => (all.length > 1 || Object.keys(curves).length > 1 ? `${label}: ` : "");
  const longest = Math.max(...all.map(({ xs }) => xs.length));
  return { caption: caption.join(". "), corner: "point", rows: Array.from({ length: longest }, (_, i) => i),
    columns: all.flatMap(({ label, xs, ys }) => [{ head: `${own(label)}${xlabel}`, at: (i) => xs[i] }, { head: `${own(label)}${ylabel}`, at: (i) => ys[i] }]) };
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
  const numbers = fold(() => pictures.map(tableOf));
  const fail = (sentence) => {
    alert.textContent = sentence;
    alert.hidden = !sentence;
    shelf.hidden = caption.hidden = numbers.node.hidden = Boolean(sentence);
  };
  const show = (now) => {
    fail("");
    pictures.forEach((picture, k) => picture.show(now.arrays, now.titles[k], now.limits[k]));
    if (caption.textContent !== now.words) caption.textContent = now.words;
    numbers.refresh();
  };
  return { nodes: [alert, shelf, caption, numbers.node], show, fail, leave: () => pictures.forEach((picture) => picture.leave()) };
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
