// Search over the sections of all lessons. The sections come as a script: a page from a file may not fetch anything.
(() => {
  const search = new MiniSearch({ fields: ["heading", "lesson", "text"], storeFields: ["heading", "lesson", "text", "link"] });
  search.addAll(SECTIONS.map((section, id) => ({ id, ...section })));
  const query = document.getElementById("query"), list = document.getElementById("found");
  const count = document.getElementById("count");

  /** The words around the first hit, with all hits marked: of what was asked as it stands, or else of its words. */
  function excerpt(text, terms) {
    const asked = query.value.trim(), whole = text.toLowerCase().includes(asked.toLowerCase());
    const safe = (whole ? [asked] : terms).map((t) => t.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    const hit = new RegExp(`(?<![\\p{L}\\p{N}])(${safe})`, "giu"); // from the start of a word on
    const near = Math.max(0, text.search(hit) - 80), at = near && text.indexOf(" ", near) + 1;
    const part = (at ? "… " : "") + text.slice(at, at + 240) + " …", line = document.createElement("p");
    let last = 0;
    for (const found of part.matchAll(hit)) {
      const mark = document.createElement("mark");
      mark.textContent = found[0];
      line.append(part.slice(last, found.index), mark);
      last = found.index + found[0].length;
    }
    line.append(part.slice(last));
    return line;
  }

  function show() {
    const asked = query.value.trim();
    const find = (combineWith) => search.search(asked, { prefix: true, combineWith, boost: { heading: 3, lesson: 2 } });
    let hits = asked ? find("AND") : [];
    if (asked && !hits.length) hits = find("OR"); // a question: no section has all of its words
    // Sections in which the words stand together come first.
    const together = (hit) => `${hit.heading} ${hit.text}`.toLowerCase().includes(asked.toLowerCase());
    hits.sort((a, b) => together(b) - together(a) || b.score - a.score);
    count.textContent = asked ? `${hits.length} ${hits.length === 1 ? "section" : "sections"}` : "";
    list.replaceChildren(...hits.slice(0, 50).map((hit) => {
      const row = document.createElement("li"), link = document.createElement("a");
      link.href = hit.link;
      link.textContent = hit.heading === hit.lesson ? hit.lesson : `${hit.lesson}: ${hit.heading}`;
      row.append(link, excerpt(hit.text, hit.terms));
      return row;
    }));
    try { history.replaceState(null, "", asked ? `?q=${encodeURIComponent(asked)}` : location.pathname); } catch { /* a file */ }
  }

  query.value = new URLSearchParams(location.search).get("q") ?? "";
  query.form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  query.addEventListener("input", show);
  show();
  query.focus();
})();
