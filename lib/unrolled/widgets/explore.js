// Controls, charts, words and a table. The places of the controls are the one state; all else follows them.

const ROWS = 200; // of the table

function render({ model, el }) {
  const scene = model.get("scene"), { controls, live } = scene;
  const { root, leave } = stage({ model, el }, "explore", "charts with controls");
  const said = words(), note = element("p", { class: "unrolled-note", role: "status" });
  const alert = element("p", { class: "unrolled-alert", role: "alert", hidden: true });
  const pictures = scene.charts.map((one) => new Chart(one));
  let source = unpack(scene), arrays = null, late = null;

  const faces = controls.map(({ name, kind, texts }, k) => (kind === "choice" ? choice : slider)(
    name, texts, model.get("places")[k], (to) => {
      model.set("places", model.get("places").map((old, j) => (j === k ? to : old)));
      model.save_changes();
    }));
  const row = element("div", { class: "unrolled-row" }, ...faces.map((face) => face.node));
  const shelf = element("div", { class: "unrolled-charts" }, ...pictures.map((picture) => picture.node));
  const table = element("div", { class: "unrolled-table", tabindex: 0, role: "region", "aria-label": "the numbers as a table" });
  const details = element("details", { toggle: tabulate }, element("summary", { tabindex: 0 }, "the numbers as a table"), table);
  root.append(row, note, alert, shelf, said, details);

  /** Where each array's numbers of each point begin. */
  function unpack(drawn) {
    const found = {};
    for (const [name, { shapes, wide, data }] of Object.entries(drawn.arrays)) {
      const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
      const values = wide ? new Float64Array(bytes) : new Float32Array(bytes), starts = [0];
      for (const shape of shapes) starts.push(starts.at(-1) + shape.reduce((a, b) => a * b, 1));
      found[name] = (at) => {
        const [shape, start] = shapes.length > 1 ? [shapes[at], starts[at]] : [shapes[0], at * starts[1]];
        return { shape, values: values.subarray(start, start + shape.reduce((a, b) => a * b, 1)) };
      };
    }
    const of = (list, at) => list[list.length > 1 ? at : 0];
    return (at) => ({
      arrays: Object.fromEntries(Object.entries(found).map(([name, f]) => [name, f(at)])),
      titles: drawn.titles.map((list) => of(list, at)), limits: drawn.limits.map((list) => of(list, at)), words: of(drawn.words, at),
    });
  }

  function show(at) {
    const now = source(at);
    arrays = now.arrays;
    alert.hidden = true;
    shelf.hidden = said.hidden = details.hidden = false;
    pictures.forEach((picture, k) => picture.show(arrays, now.titles[k], now.limits[k]));
    if (said.textContent !== now.words) said.textContent = now.words;
    tabulate();
  }

  function move() {
    const places = model.get("places");
    faces.forEach((face, k) => face.show(places[k]));
    if (!live) return show(places.reduce((at, k, j) => at * controls[j].texts.length + k, 0));
    clearTimeout(late);
    const manager = model.widget_manager;
    if (manager && !manager.kernel) note.textContent = "This one needs the notebook, which computes it; here it shows its first state.";
    else late = setTimeout(() => { note.textContent = "computing …"; }, 300);
  }

  /** The kernel's answer: to the last change, or to one before it, which is drawn all the same. */
  function answer() {
    const shown = model.get("shown");
    if (!shown.places) return;
    if (shown.places.every((k, j) => k === model.get("places")[j])) {
      clearTimeout(late);
      note.textContent = "";
    }
    if (shown.error) {
      alert.textContent = shown.error;
      alert.hidden = false;
      shelf.hidden = said.hidden = details.hidden = true;
    } else {
      source = unpack(shown);
      show(0);
    }
  }

  function tabulate() {
    if (!details.open || !arrays) return;
    const columns = [], used = new Set(scene.charts.flatMap((one) => [...(one.x ? [one.x] : []), ...Object.values(one.curves)]));
    for (const name of used) {
      const { shape, values } = arrays[name], width = shape.slice(1).reduce((a, b) => a * b, 1);
      for (let j = 0; j < width; j++) columns.push({ head: width > 1 ? `${name}[…, ${j}]` : name, text: (i) => (i < shape[0] ? number(values[i * width + j]) : ""), length: shape[0] });
    }
    const shown = columns.slice(0, 12), length = Math.max(...shown.map((c) => c.length));
    const head = element("tr", {}, element("th", {}, ""), ...shown.map((c) => element("th", {}, c.head)));
    const rows = Array.from({ length: Math.min(length, ROWS) }, (_, i) => element("tr", {}, element("th", {}, String(i)), ...shown.map((c) => element("td", {}, c.text(i)))));
    const cut = length > ROWS || columns.length > shown.length;
    table.replaceChildren(element("table", {}, head, ...rows), ...(cut ? [element("p", { class: "unrolled-note" }, `the first ${rows.length} of ${length} rows, ${shown.length} of ${columns.length} columns`)] : []));
  }

  model.on("change:places", move);
  if (live) {
    model.on("change:shown", answer);
    show(0);
    if (model.get("shown").places) answer();
    const manager = model.widget_manager;
    if (manager && !manager.kernel) move();
  } else move();
  return () => {
    clearTimeout(late);
    model.off("change:places", move);
    model.off("change:shown", answer);
    pictures.forEach((picture) => picture.leave());
    leave();
  };
}

export default { render };
