// Small coloured tables; one cell at a time is in reach of the keyboard, and the words say it in full.

function render({ model, el }) {
  const { title, digits, limit, tables } = model.get("scene");
  const { root, leave } = mount({ model, el }, "numbers", title);
  const caption = words();
  const twoStates = tables[0].states.length === 2;
  const cells = tables.map((table) => table.states[0].map((row) => row.map(() => null)));
  let state = 0, at = [0, 0, 0];

  const fixed = (value) => {
    const text = Math.abs(value).toFixed(digits);
    return value < 0 && Number(text) !== 0 ? `−${text}` : text;
  };

  function paint() {
    tables.forEach((table, k) => table.states[state].forEach((row, i) => row.forEach((value, j) => {
      const cell = cells[k][i][j];
      cell.textContent = fixed(value);
      cell.style.backgroundColor = diverging((0.75 * value) / limit); // 0.75: the ink stays readable on it
    })));
  }

  function say() {
    const [k, i, j] = at, { name, states, shape, whole } = tables[k];
    const place = shape === "()" ? "" : whole[0] === 1 && !shape.startsWith("(1, ") ? `[${j}]` : `[${i}, ${j}]`; // as NumPy takes it
    const [before, after] = states.map((matrix) => matrix[i][j]);
    const now = number(state ? after : before);
    const change = twoStates ? ` (before ${number(before)}, after ${number(after)}: changed by ${number(after - before)})` : "";
    caption.textContent = `${name}${place} = ${now}${change}`;
  }

  function reach(k, i, j, focus = true) {
    cells[at[0]][at[1]][at[2]].tabIndex = -1;
    at = [k, i, j];
    cells[k][i][j].tabIndex = 0;
    if (focus) cells[k][i][j].focus();
    say();
  }

  function move(event) {
    const [k, i, j] = at, rows = cells[k], last = rows[0].length - 1;
    const inRow = { ArrowLeft: j - 1, ArrowRight: j + 1, Home: 0, End: last }[event.key];
    const row = { ArrowUp: i - 1, ArrowDown: i + 1 }[event.key];
    if (inRow !== undefined) {
      if (inRow < 0 && k > 0) reach(k - 1, 0, cells[k - 1][0].length - 1);
      else if (inRow > last && k < cells.length - 1) reach(k + 1, 0, 0);
      else reach(k, i, Math.min(last, Math.max(0, inRow)));
    } else if (row !== undefined) reach(k, Math.min(rows.length - 1, Math.max(0, row)), j);
    else if (event.key === " " && twoStates) turn(1 - state);
    else return;
    event.preventDefault();
  }

  function turn(to) {
    state = to;
    states.show(to);
    paint();
    say();
  }

  const states = choice("State:", ["before", "after"], 0, turn);
  const blocks = tables.map((table, k) => {
    const body = element("tbody", {}, ...table.states[0].map((row, i) => element("tr", {}, ...row.map((_, j) => {
      const cell = element("td", {
        class: "unrolled-moves", tabindex: -1, "data-name": `${table.name}[${i},${j}]`,
        keydown: move, click: () => reach(k, i, j), focus: () => reach(k, i, j, false), mouseenter: () => reach(k, i, j, false),
      });
      cells[k][i][j] = cell;
      return cell;
    }))));
    const cut = table.whole[0] > cells[k].length || table.whole[1] > cells[k][0].length;
    const note = cut ? element("div", { class: "unrolled-note" }, `first ${cells[k].length} × ${cells[k][0].length} shown`) : null;
    const head = element("div", {}, element("strong", {}, table.name), ` ${table.shape}`);
    head.style.borderBottom = `.2em solid var(--${table.role || "line"})`;
    return element("div", {}, head, element("table", { "aria-label": `${table.name} ${table.shape}` }, body), note);
  });
  const row = element("div", { class: "unrolled-row unrolled-scroll" }, ...blocks);
  row.style.alignItems = "flex-start";
  root.append(element("div", {}, element("strong", {}, title)), ...(twoStates ? [states.node] : []), row, caption);
  cells[0][0][0].tabIndex = 0;
  paint();
  say();
  return leave;
}

export default { render };
