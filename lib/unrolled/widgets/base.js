// What every widget shares; a widget's own script follows in the same module (base.py puts them together).
// Text is set as text, never as HTML. Every element that takes the focus tells JupyterLab to leave its keys alone.

const FOCUSABLE = "button, input, select, textarea, [tabindex]";

/** An element: attributes as they are; functions are listeners ({click: …}); children are elements or texts. */
function element(tag, attributes = {}, ...children) {
  return fillIn(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
function drawSvg(tag, attributes = {}, ...children) {
  return fillIn(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fillIn(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  if (node.matches(FOCUSABLE)) node.setAttribute("data-lm-suppress-shortcuts", "true");
  return node;
}

/** Four significant digits and a true minus sign: `number` in base.py. */
function number(value) {
  const size = Math.abs(value);
  const text = size === 0 || (size >= 1e-4 && size < 1e5) ? String(Number(value.toPrecision(4))) : value.toExponential(3);
  return (Object.is(value, -0) ? "0" : text.replace("e+", "e")).replaceAll("-", "−");
}

/** What `to_binary` of base.py sent: {shape, values}. */
function fromBinary({ shape, data }) {
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength); // at any offset in its message
  return { shape, values: new Float32Array(bytes) };
}

/** From low (blue) over the paper's colour to high (vermilion): the colour of a number between -1 and 1. */
function diverging(part) {
  const percent = Math.min(100, Math.abs(part) * 100).toFixed(1);
  return `color-mix(in srgb, var(${part < 0 ? "--low" : "--high"}) ${percent}%, var(--paper))`;
}

/** The colour of a number between 0 and 1, dark to light, and the ink that is read on it. */
function sequential(part) {
  const place = 8 * Math.min(1, Math.max(0, part));
  const k = Math.min(7, Math.floor(place));
  const fill = `color-mix(in srgb, var(--scale-${k + 1}) ${(100 * (place - k)).toFixed(1)}%, var(--scale-${k}))`;
  return { fill, ink: part < 0.5 ? "#ffffff" : "#000000" };
}

/** A button; hint is what a screen reader says, where the label alone does not. */
function button(label, act, hint) {
  return element("button", { type: "button", click: act, "aria-label": hint, title: hint }, label);
}

/** A slider over the places of a list of texts, with the text beside it. act(place) follows every move. */
function slider(label, texts, place, act) {
  const longest = Math.max(...texts.map((text) => text.length)); // its room is kept, or a row would wrap now and then
  const shown = element("output", { "aria-live": "off", style: `min-width: ${longest}ch` }, texts[place]); // the slider says it
  const input = element("input", {
    type: "range", min: 0, max: texts.length - 1, step: 1, value: place, "aria-label": label, "aria-valuetext": texts[place],
    input: () => { show(Number(input.value)); act(Number(input.value)); },
  });
  const show = (k) => {
    input.value = k;
    shown.textContent = texts[k];
    input.setAttribute("aria-valuetext", texts[k]);
  };
  return { node: element("label", { class: "unrolled-row" }, label, input, shown), show, input };
}

let groups = 0;

/** One of a few texts, as radio buttons. act(place) follows every choice. */
function choice(label, texts, place, act) {
  const name = `unrolled-${groups++}-${Math.random()}`; // of its own, or two widgets on a page would share a choice
  const buttons = texts.map((text, k) =>
    element("input", { type: "radio", name, value: k, checked: k === place, change: () => act(k) }));
  const labels = texts.map((text, k) => element("label", {}, buttons[k], ` ${text}`));
  const show = (k) => { buttons[k].checked = true; };
  return { node: element("fieldset", {}, element("legend", {}, label), ...labels), show };
}

/** First, back, play, on, and a slider over `texts`. On each of them the arrow keys, Home and End walk, and on the slider
 * space plays and stops. stop() must be called when the view goes. */
function player(label, texts, place, act, pause = 700) {
  let timer = null, at = place;
  const go = (k) => { at = Math.min(texts.length - 1, Math.max(0, k)); steps.show(at); act(at); };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "▶ play"; };
  const toggle = () => {
    if (timer) return stop();
    if (at === texts.length - 1) go(0);
    timer = setInterval(() => (at < texts.length - 1 ? go(at + 1) : stop()), pause);
    play.textContent = "■ stop";
  };
  const steps = slider(label, texts, place, (k) => { stop(); go(k); });
  steps.input.addEventListener("keydown", (event) => {
    if (event.key === " ") { event.preventDefault(); toggle(); }
  });
  const play = button("▶ play", toggle);
  play.style.minWidth = "6em"; // for either word
  const by = (move) => () => { stop(); go(move()); };
  const buttons = [button("|◀", by(() => 0), "to the start"), button("◀", by(() => at - 1), "one step back"), play,
    button("▶", by(() => at + 1), "one step on"), button("▶|", by(() => texts.length - 1), "to the end")];
  const keys = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -texts.length, End: texts.length };
  const walk = (event) => {
    if (!(event.key in keys) || event.target === steps.input) return; // the slider has these keys of its own
    event.preventDefault();
    by(() => at + keys[event.key])();
  };
  return { node: element("div", { class: "unrolled-row", keydown: walk }, ...buttons, steps.node), go, stop };
}

/** The widget's root in el: scaled as the lecturer wishes. Returns it, and a function that ends what it listens to. */
function mount({ model, el }, name, label) {
  const root = element("div", { class: "unrolled", "data-widget": name, role: "group", "aria-label": label });
  const scaled = () => root.style.setProperty("--scale", model.get("scale"));
  scaled();
  model.on("change:scale", scaled);
  el.append(root);
  return { root, leave: () => model.off("change:scale", scaled) };
}

/** What the picture says, in words; a screen reader speaks it when it changes. */
function words(text = "") {
  return element("p", { class: "unrolled-words", "aria-live": "polite" }, text);
}
