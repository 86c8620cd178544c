// The numbers of a picture as tables, for whoever does not see it; figures/tables.py does the same for a figure.

/** The numbers of a picture as tables, folded. They are asked for as the fold opens, and while it is open at each refresh():
 * tables() → [{caption, corner, rows: the name of each, columns: [{head, at(row) → a number or a text}], whole}]. */
function fold(tables) {
  const shelf = element("div", { class: "unrolled-table", tabindex: 0, role: "region", "aria-label": "the numbers as a table" });
  const fill = () => shelf.replaceChildren(...tables().map(makeTable)), refresh = () => { if (node.open) fill(); };
  // A click comes before the fold opens, and `toggle`, which also tells of a search that opened it, some time after: what
  // is below would be pushed away twice, the second time under a focus that has moved on.
  const summary = element("summary", { tabindex: 0, click: fill }, "the numbers as a table");
  const node = element("details", { toggle: refresh }, summary, shelf);
  return { node, refresh };
}

const ROWS = 40, COLUMNS = 12; // of a table, as in figures/tables.py, which says why

/** At most so many of the places 0 … length - 1, at even steps, with the first and the last. */
function even(length, most) {
  const step = (length - 1) / Math.max(1, Math.min(length, most) - 1);
  return Array.from({ length: Math.min(length, most) }, (_, k) => Math.round(k * step));
}

/** A table. Unless it is whole, it keeps of many rows those at even steps, and where a column is lowest and highest. */
function makeTable({ caption, corner, rows, columns: all, whole }) {
  const columns = even(all.length, COLUMNS).map((k) => all[k]), length = rows.length;
  const kept = new Set(even(length, whole ? length : ROWS));
  if (kept.size < length) {
    for (const { at } of columns) {
      let [low, high] = [0, 0];
      for (let i = 1; i < length; i++) {
        if (at(i) < at(low)) low = i;
        if (at(i) > at(high)) high = i;
      }
      kept.add(low).add(high);
    }
  }
  const notes = [caption];
  if (kept.size < length) notes.push(`${kept.size} of ${length} rows: at even steps, and where a column is lowest and highest`);
  if (columns.length < all.length) notes.push(`${columns.length} of ${all.length} columns`);
  const text = (value) => (typeof value !== "number" ? value ?? "" : Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value).replace("-", "−") : number(value));
  const heads = [corner, ...columns.map(({ head }) => head)].map((head) => element("th", { scope: "col" }, head));
  const body = [...kept].sort((a, b) => a - b).map((i) => element("tr", {}, element("th", { scope: "row" }, text(rows[i])),
    ...columns.map(({ at }) => element("td", {}, text(at(i))))));
  return element("table", {}, element("caption", {}, notes.filter(Boolean).join(". ")), element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
}
