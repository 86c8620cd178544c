// A training run: its curve, a sample of what it does, and buttons to stop it and to let it go on.

const PATIENCE = { subshell: 3000, none: 300 }; // ms until a press of stop that was not heard becomes the interrupt key

/** A press of stop, for a kernel that runs a cell: a comm comes in over a subshell. Whether the kernel has any. */
function call(kernel, target, data) {
  if (!kernel?.supportsSubshells || kernel.commsOverSubshells === "disabled") return false;
  const comm = kernel.createComm(target); // the kernel closes it
  comm.subshellStarted.then(() => comm.open(data)).catch(() => {});
  return true;
}

function render({ model, el }) {
  const { chart: spec, title, key, stop: target } = model.get("scene");
  const { root, leave } = stage({ model, el }, "live_plot", title);
  const picture = new Chart(spec), said = words(), kernel = model.widget_manager?.kernel;
  said.setAttribute("aria-live", "off"); // ten times a second is more than anyone can listen to
  let asked = null;
  const add = (name) => { model.set(name, model.get(name) + 1); model.save_changes(); };
  const unheard = () => model.get("running") && model.get("heard") < model.get("stops");
  const stop = button("■ stop", () => {
    add("stops");
    stop.disabled = true;
    const way = call(kernel, target, { key, stops: model.get("stops") }) ? "subshell" : "none";
    asked = setTimeout(() => { if (unheard()) kernel?.interrupt?.(); }, PATIENCE[way]);
  }, "stop after this step");
  const go = button("▶ go on", () => { go.disabled = true; add("goes"); }, "go on in the background");
  const sample = element("pre", { class: "unrolled-sample", "aria-label": "a sample", hidden: true });
  const buttons = element("div", { class: "unrolled-row" }, stop, go);
  buttons.hidden = Boolean(model.widget_manager) && !kernel; // in a page there is nothing to stop
  root.append(buttons, element("div", { class: "unrolled-charts" }, picture.node), said, sample);

  function follow() {
    const { arrays, limits, words: text, sample: written } = model.get("shown");
    said.textContent = text;
    sample.textContent = written;
    sample.hidden = !written;
    picture.node.hidden = !arrays.loss;
    if (arrays.loss) picture.show(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, unpacked(array)])), title, limits);
  }

  function turn() {
    const running = model.get("running"), focused = document.activeElement === stop || document.activeElement === go;
    if (!running) clearTimeout(asked);
    stop.disabled = !running;
    go.disabled = running || model.get("ended");
    if (focused) (running ? stop : go).focus();
  }

  model.on("change:shown", follow);
  model.on("change:running change:ended", turn);
  follow();
  turn();
  return () => {
    clearTimeout(asked);
    model.off("change:shown", follow);
    model.off("change:running change:ended", turn);
    picture.leave();
    leave();
  };
}

export default { render };
