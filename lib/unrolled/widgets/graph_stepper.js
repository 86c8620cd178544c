// The walk over a tape: forward, then backward, and where every number came from. NumPy computed all the shares; here
// they are only added up, in the order of the visits.

/** An array in words: 0.5, [0.5, 1] or [[0.5, 1], [2, 3]]; its shape and norm where it is large. */
function array(v, values, norm) {
  if (!values) return `an array of shape ${v.shape}, norm ${number(norm)}`;
  if (v.shape === "()") return number(values[0]);
  const rows = [];
  for (let k = 0; k < values.length; k += v.columns) rows.push(`[${values.slice(k, k + v.columns).map(number).join(", ")}]`);
  return v.shape.includes(",)") ? rows[0] : `[${rows.join(", ")}]`;
}

/** What has arrived at each Var, for one window: {terms: [{visit, record, share}], at(visits) → {values, norm, terms}}. */
function arrivals(scene, k) {
  const last = scene.records.length - 1;
  const all = scene.vars.map(() => []);
  for (let n = last; n >= 0; n--) {
    scene.records[n].edges.forEach((edge, i) => {
      const share = scene.shares[k][n][i];
      if (share) all[edge.var].push({ visit: last - n, record: n, edge, share });
    });
  }
  return (var_, visits) => {
    const terms = all[var_].filter((term) => term.visit < visits);
    if (var_ === scene.loss && visits > 0) return { values: [1], norm: 1, terms };
    if (!terms.length) return null;
    const first = terms[0].share.values;
    const values = first && terms.slice(1).reduce((sum, { share }) => sum.map((s, n) => s + share.values[n]), [...first]);
    return { values, norm: terms.at(-1).share.sum, terms };
  };
}

/** The words about one number: [heading, items, sum], from the state of the walk. */
function origin(scene, { v, gradient, n }, { visits, done, gradientOf, cut }) {
  const at = scene.vars.indexOf(v), name = `${v.name}${place(v, n)}`;
  if (!gradient) {
    if (v.record < 0) return [`${name} = ${value(v, n)}: a leaf, given and not computed`, []];
    const record = scene.records[v.record];
    if (!done(v.record)) return [`${name} is computed by ${record.name}, which is still to come`, []];
    const inputs = record.edges.map((edge) => scene.vars[edge.var]);
    return [`${name} = ${value(v, n)}, made by ${record.name} from`, inputs.map((u) => `${u.name} = ${array(u, u.values, u.norm)}`)];
  }
  const users = scene.records.flatMap((record, k) => record.edges.flatMap((edge, i) => (edge.var === at ? [{ record, k, edge, i }] : [])));
  const arrived = gradientOf(at, visits), last = scene.records.length - 1;
  if (at === scene.loss) return [`d${name} = ${arrived ? "1: the walk back starts here" : "·: the walk back has not begun"}`, []];
  const items = users.reverse().map(({ record, k, edge, i }) => {
    const from = `from ${record.label}: `;
    if (cut(edge)) return `${from}cut by the window, nothing comes`;
    if (last - k >= visits) return `${from}still to come`;
    const term = arrived?.terms.find((one) => one.record === k && one.edge === edge);
    return from + (term ? products(scene, record, edge, term.share, n, gradientOf, visits) : "nothing: no gradient arrived there");
  });
  const now = arrived ? (!v.large ? number(arrived.values[n]) : `norm ${number(arrived.norm)}`) : "·";
  const terms = (arrived?.terms ?? []).map(({ share }) => (v.large ? null : share.values[n]));
  const sum = terms.length > 1 && terms[0] !== null ? `Sum: ${terms.map(signed).join(" + ")} = ${now}` : null;
  return [`d${name} = ${now}${users.length > 1 ? `, a sum over ${users.length} uses` : ""}`, items, sum];
}

const signed = (x) => (x < 0 ? `(${number(x)})` : number(x));
const value = (v, n) => (v.large ? array(v, v.values, v.norm) : number(v.values[n]));

/** Σ local derivative × incoming gradient over the numbers that the record made, those with a zero derivative left out. */
function products(scene, record, edge, share, n, gradientOf, visits) {
  if (scene.vars[edge.var].large) return `a share of norm ${number(share.norm)}`;
  if (!edge.local) {
    const shapes = record.outputs.map(([at]) => (at === null ? "" : scene.vars[at].shape)).filter(Boolean).join(", ");
    return `${number(share.values[n])} (outputs of shape ${shapes}: too many local derivatives to list)`;
  }
  let m = 0;
  const terms = [];
  for (const [at, size] of record.outputs) {
    const incoming = at === null ? null : gradientOf(at, visits);
    for (let k = 0; k < size; k++, m++) {
      const local = edge.local[m][n];
      if (local && incoming) terms.push(`${signed(local)} × ${signed(incoming.values[k])}`);
    }
  }
  return `${terms.join(" + ") || "all local derivatives are 0"} = ${number(share.values[n])}`;
}

function render({ model, el }) {
  const scene = model.get("scene"), { records, vars, windows } = scene, count = records.length;
  const { root, leave } = mount({ model, el }, "stepper", scene.title);
  const caption = words(), hint = element("div", { class: "unrolled-note unrolled-shape" }, "\u00a0");
  const why = element("div", { class: "unrolled-why", "aria-live": "polite" });
  let at = 0, k = windows.length - 1, picked = null, gradientOf = arrivals(scene, k);

  const visitsAt = () => Math.max(0, at - count);
  const done = (n) => n < at;
  const cut = (edge) => edge.border !== null && edge.border % windows[k] === 0;
  const view = picture(scene, { pick, key, hint: tell, edge: carries });
  const fixed = (x) => {
    const text = Math.abs(x).toFixed(scene.digits);
    return x < 0 && Number(text) !== 0 ? `−${text}` : text;
  };

  function paint() {
    const visits = visitsAt(), current = at === 0 ? -1 : at <= count ? at - 1 : 2 * count - at;
    vars.forEach((v, which) => {
      const [value, gradient] = view.parts[which], there = done(v.record);
      value.node.classList.toggle("unrolled-off", !there);
      write(value.numbers, v.large ? null : v.values, v.norm, there);
      if (!gradient) return;
      const arrived = gradientOf(which, visits);
      gradient.node.classList.toggle("unrolled-off", !arrived);
      write(gradient.numbers, v.large ? null : arrived?.values, arrived?.norm, Boolean(arrived));
    });
    records.forEach((record, n) => record.edges.forEach((edge, i) => {
      const { forward, back, cut: mark, tag: text } = view.edges[n][i];
      if (!forward) return;
      const sent = scene.shares[k][n].filter((one, j) => one && record.edges[j].var === edge.var), share = sent.length > 0;
      const visited = count - 1 - n < visits;
      forward.classList.toggle("unrolled-off", !done(n));
      back.style.display = (visited && share) || (mark && cut(edge)) ? "" : "none";
      back.classList.toggle("unrolled-off", Boolean(mark && cut(edge)));
      back.classList.toggle("unrolled-now", at > count && n === current);
      if (mark) mark.style.display = cut(edge) ? "" : "none";
      const told = visited && (text.kind !== "tap" || n === current); // taps stand too close for the tags of all
      text.write(told ? sent.flatMap((one) => lines(one, text.kind, vars[edge.var].name)) : []);
    }));
    mark(current);
  }

  /** A share as lines of text beside its arrow: its numbers where they are few, else their norm. */
  function lines({ values, norm }, kind, name) {
    if (kind === "tap") return [`${name}: ${values?.length === 1 ? fixed(values[0]) : `norm ${fixed(norm)}`}`];
    if (!values || values.length > 4) return ["norm", fixed(norm)];
    const wide = kind === "level" ? 1 : Math.ceil(values.length / 2);
    const rows = Array.from({ length: Math.ceil(values.length / wide) }, (_, r) => values.slice(r * wide, (r + 1) * wide));
    return rows.map((row) => row.map(fixed).join("  "));
  }

  function write(numbers, values, norm, there) {
    numbers.forEach(({ cell, text, name }, n) => {
      const shown = !there ? "·" : values ? fixed(values[n]) : `‖·‖ = ${number(norm)}`;
      if (text.textContent === shown) return;
      text.textContent = shown;
      cell.setAttribute("aria-label", `${name} = ${there ? shown : "not yet"}`);
    });
  }

  /** The frame goes around what the current record made, and it comes into sight. */
  function mark(current) {
    view.frame.style.display = current < 0 ? "none" : "";
    if (current < 0) return;
    const boxes = records[current].outputs.flatMap(([v]) => (v === null ? [] : [vars[v].box, vars[v].gradientBox])).filter(Boolean);
    const [x, y] = [0, 1].map((k) => Math.min(...boxes.map((box) => box[k])) - 0.06);
    const [end, low] = [0, 1].map((k) => Math.max(...boxes.map((box) => box[k] + box[k + 2])) + 0.06);
    for (const [name, size] of Object.entries({ x, y, width: end - x, height: low - y })) view.frame.setAttribute(name, size);
    const unit = view.node.clientWidth / scene.frame[2], middle = ((x + end) / 2 - scene.frame[0]) * unit;
    const room = scroll.clientWidth;
    if (middle < scroll.scrollLeft + 0.15 * room || middle > scroll.scrollLeft + 0.85 * room) scroll.scrollLeft = middle - room / 2;
  }

  function explain() {
    if (picked) return list(...origin(scene, picked, { visits: visitsAt(), done, gradientOf, cut }));
    if (at <= count) return list("Click a number, or press Enter on it, to see where it came from.", []);
    const n = 2 * count - at, record = records[n];
    const items = record.edges.map((edge, i) => {
      const v = vars[edge.var], share = scene.shares[k][n][i];
      if (cut(edge)) return `to ${v.name}: cut by the window`;
      if (!share) return `to ${v.name}: nothing`;
      const sent = array(v, share.values, share.norm), arrived = gradientOf(edge.var, visitsAt());
      const total = records.flatMap((other) => other.edges).filter((other) => other.var === edge.var).length;
      const sum = total > 1 ? `; d${v.name} has ${arrived.terms.length} of ${total} terms: ${array(v, arrived.values, arrived.norm)}` : "";
      return `to ${v.name}: + ${sent}${sum}`;
    });
    list(`${record.label} sends`, items);
  }

  function list(heading, items, sum) {
    why.replaceChildren(element("strong", { "data-name": "why" }, heading),
      element("ul", {}, ...items.map((item) => element("li", {}, item))), ...(sum ? [element("div", { "data-name": "sum" }, sum)] : []));
  }

  function say() {
    const window = windows.length > 1 && windows[k] < windows.at(-1) ? ` Window ${windows[k]}: the gradient is cut after every ${windows[k] > 1 ? `${windows[k]} steps` : "step"}; the states are not.` : "";
    const record = at === 0 ? null : records[at <= count ? at - 1 : 2 * count - at];
    const flows = record && scene.shares[k][records.indexOf(record)].some(Boolean);
    const what = !record ? "Only the leaves have values."
      : at <= count ? `Forward: ${record.outputs.filter(([v]) => v !== null).map(([v]) => `${vars[v].name} = ${array(vars[v], vars[v].values, vars[v].norm)}`).join("; ")}.`
        : flows ? `Backward: ${record.label} sends its gradients to ${[...new Set(record.edges.map((edge) => vars[edge.var].name))].join(", ")}.`
          : `Backward: ${record.label} sends nothing, for no gradient passes here.`;
    caption.textContent = `${texts[at]}. ${what}${window}`;
  }

  function tell(v, gradient) {
    const arrived = gradient ? gradientOf(vars.indexOf(v), visitsAt()) : { norm: v.norm };
    const size = arrived && (gradient || done(v.record)) ? `, norm ${number(arrived.norm)}` : "";
    hint.textContent = `${gradient ? "d" : ""}${v.name}: shape ${v.shape}${size}`;
  }

  function carries(n, i) {
    const v = vars[records[n].edges[i].var], share = scene.shares[k][n][i];
    const here = done(v.record) ? `${v.name} = ${array(v, v.values, v.norm)}` : `${v.name}, which is still to come,`;
    const back = count - 1 - n >= visitsAt() ? "its gradient is still to come" : share ? `back comes ${array(v, share.values, share.norm)}` : "nothing comes back";
    hint.textContent = `${here} goes to ${records[n].label}; ${back}`;
  }

  function reach(one, focus) {
    for (const other of view.numbers) other.cell.setAttribute("tabindex", other === one ? 0 : -1);
    if (focus) one.cell.focus();
  }

  function pick(v, gradient, n) {
    const one = view.numbers.find((other) => other.v === v && other.gradient === gradient && other.n === n);
    const same = picked === one;
    picked?.cell.classList.remove("unrolled-picked");
    picked = same ? null : one;
    picked?.cell.classList.add("unrolled-picked");
    reach(one, true);
    explain();
  }

  function key(event, v, gradient, n) {
    const here = view.numbers.find((other) => other.v === v && other.gradient === gradient && other.n === n);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" || event.key === " ") pick(v, gradient, n);
    else if (event.key === "Escape" && picked) pick(picked.v, picked.gradient, picked.n);
    else if (event.key === "Home" || event.key === "End") reach(view.numbers.at(event.key === "Home" ? 0 : -1), true);
    else if (way) {
      const ahead = view.numbers.map((other) => {
        const [dx, dy] = [other.x - here.x, other.y - here.y], on = dx * way[0] + dy * way[1];
        return { other, on, far: on + 3 * Math.abs(dx * way[1] + dy * way[0]) };
      }).filter(({ on }) => on > 0.05);
      if (ahead.length) reach(ahead.reduce((best, one) => (one.far < best.far ? one : best)).other, true);
    } else return;
    event.preventDefault();
  }

  const gradient = (v, arrived) => (!arrived ? "not yet" : array(v, arrived.values, arrived.norm));

  function show() { paint(); explain(); say(); numbers.refresh(); }

  const texts = ["start", ...records.map((record, n) => `forward ${n + 1} of ${count}`), ...records.map((_, n) => `backward ${n + 1} of ${count}`)];
  const steps = player("step", texts, at, (to) => { at = to; show(); });
  const rows = [steps.node];
  if (windows.length > 1) {
    const last = windows.at(-1);
    rows.push(slider("window", windows.map((w) => (w === last ? `${w} steps: nothing is cut` : `${w} ${w > 1 ? "steps" : "step"}`)), k,
      (to) => { k = to; gradientOf = arrivals(scene, k); show(); }).node);
  }
  const numbers = fold(() => [{
    whole: true, caption: texts[at], corner: "name", rows: vars.map((v) => v.name), columns: [
      { head: "shape", at: (k) => vars[k].shape },
      { head: "value", at: (k) => (done(vars[k].record) ? array(vars[k], vars[k].values, vars[k].norm) : "not yet") },
      { head: "gradient", at: (k) => gradient(vars[k], gradientOf(k, visitsAt())) },
    ],
  }]);
  const scroll = element("div", { class: "unrolled-graph" }, view.node);
  const ratio = scene.frame[2] / scene.frame[3]; // on a slide the controls stand beside it, above it where it is broad
  root.classList.toggle("unrolled-broad", ratio > 1.5);
  root.style.setProperty("--ratio", ratio);
  root.append(element("div", {}, element("strong", {}, scene.title)), element("div", { class: "unrolled-row" }, ...rows), scroll, hint, why, caption, numbers.node);
  reach(view.numbers[0], false);
  show();
  return () => { steps.stop(); leave(); };
}

export default { render };
