// A question: the reader commits to an answer, then sees the verdict and why.

const MATH = "http://www.w3.org/1998/Math/MathML";

/** The elements of a text with code and formulas, as `to_nodes` in mathml.py gives them. */
function typeset(nodes, inMath = false) {
  return nodes.map((node) => {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, attributes, ...children] = node, math = inMath || tag === "math";
    return fillIn(math ? document.createElementNS(MATH, tag) : document.createElement(tag), attributes, typeset(children, math));
  });
}

function render({ model, el }) {
  const { question, choices, answer } = model.get("scene");
  const { root, leave } = mount({ model, el }, "predict", "a question");
  const letter = (k) => String.fromCharCode(65 + k);
  const verdict = words();
  const again = button("again", () => { commit(null); rows[at].focus(); }, "again: take the answer back");
  let at = 0;

  function commit(place) {
    model.set("place", place);
    model.save_changes();
  }

  function reach(k) {
    rows[at].tabIndex = -1;
    at = (k + choices.length) % choices.length;
    rows[at].tabIndex = 0;
    rows[at].focus();
  }

  function move(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const named = event.key.length === 1 ? event.key.toUpperCase().charCodeAt(0) - 65 : -1;
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: choices.length - 1 }[event.key]
      ?? (named >= 0 && named < choices.length ? named : null);
    if (to === null) return;
    event.preventDefault();
    reach(to);
  }

  function show() {
    const place = model.get("place"), done = place !== null;
    rows.forEach((row, k) => {
      row.setAttribute("aria-disabled", done); // not `disabled`: the focus would be lost
      row.classList.toggle("unrolled-chosen", k === place);
      marks[k].textContent = !done ? "" : k === answer ? "✓ the answer" : k === place ? "✗ your choice" : "";
    });
    again.hidden = !done;
    verdict.replaceChildren();
    if (!done) return;
    const head = place === answer ? "Right." : `Not so: the answer is ${letter(answer)}.`;
    verdict.append(`You chose ${letter(place)}. `, element("strong", {}, head), " ", ...typeset(choices[place].why));
  }

  const marks = choices.map(() => element("strong", { class: "unrolled-mark" }));
  const rows = choices.map(({ choice }, k) => element("button", {
    type: "button", class: "unrolled-choice", tabindex: k ? -1 : 0, "data-name": letter(k), keydown: move,
    focus: () => { if (at !== k) reach(k); },
    click: () => { if (model.get("place") === null) commit(k); },
  }, element("strong", {}, letter(k)), element("span", {}, ...typeset(choice)), marks[k]));
  root.append(element("div", {}, element("strong", {}, "Predict. "), ...typeset(question)),
    element("div", { class: "unrolled-choices", role: "group", "aria-label": "choices" }, ...rows),
    verdict, again);
  model.on("change:place", show);
  show();
  return () => { model.off("change:place", show); leave(); };
}

export default { render };
