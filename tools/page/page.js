// Dark or light: as the system says, until the reader says otherwise. All styles follow the mark on the body.
(() => {
  const dark = document.getElementById("dark"), button = document.getElementById("theme"), body = document.body;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = (what, chosen) => {
    try {
      if (chosen) localStorage.setItem(`unrolled-${what}`, chosen);
      return localStorage.getItem(`unrolled-${what}`);
    } catch {
      return null; // a browser may keep nothing for files
    }
  };
  const show = (theme) => { body.dataset.jpThemeLight = String(theme !== "dark"); };
  const now = () => (body.dataset.jpThemeLight === "true" ? "light" : "dark");
  const follow = () => {
    dark.media = now() === "dark" ? "all" : "not all";
    document.documentElement.style.colorScheme = now();
    button.textContent = now() === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `${button.textContent} theme`);
  };
  new MutationObserver(follow).observe(body, { attributeFilter: ["data-jp-theme-light"] });
  show(kept("theme") ?? (system.matches ? "dark" : "light"));
  follow();
  system.addEventListener("change", () => { if (!kept("theme")) show(system.matches ? "dark" : "light"); });
  button.addEventListener("click", () => { const theme = now() === "dark" ? "light" : "dark"; kept("theme", theme); show(theme); });

  // The Korean of a page, all of it at once: open or folded, as the reader last chose. Paper has it open.
  const folds = document.querySelectorAll("details.korean"), korean = document.getElementById("korean");
  const unfold = (open) => {
    folds.forEach((fold) => { fold.open = open; });
    korean.setAttribute("aria-pressed", String(open));
  };
  korean.hidden = !folds.length;
  unfold(kept("korean") === "open");
  korean.addEventListener("click", () => {
    unfold(korean.getAttribute("aria-pressed") !== "true");
    kept("korean", korean.getAttribute("aria-pressed") === "true" ? "open" : "folded");
  });

  let before, opened, appendix;
  addEventListener("beforeprint", () => {
    before = now();
    opened = [...folds].filter((fold) => fold.open);
    show("light");
    folds.forEach((fold) => { fold.open = true; });
    appendix = onPaper();
  });
  addEventListener("afterprint", () => {
    show(before);
    folds.forEach((fold) => { fold.open = opened.includes(fold); });
    appendix.remove();
  });

  /** What is folded, open at the end of the paper, under the headings that it belongs to. */
  function onPaper() {
    const end = document.createElement("section");
    let heading = document.createElement("h2");
    heading.textContent = "Answers, hints and solutions";
    end.append(heading);
    for (const part of document.querySelectorAll("main :is(h2, h3, .solution:not(.unprinted))")) {
      const copy = part.cloneNode(true);
      if (!copy.matches(".solution")) {
        copy.removeAttribute("id");
        copy.querySelector(".anchor-link")?.remove();
        heading = document.createElement("h3");
        heading.append(...copy.childNodes);
        continue;
      }
      const summary = document.createElement("h4");
      summary.append(...copy.querySelector("summary").childNodes);
      copy.querySelector("summary").replaceWith(summary);
      end.append(...(heading.parentNode ? [] : [heading]), ...copy.childNodes);
    }
    end.className = "appendix jp-RenderedHTMLCommon";
    if (end.childElementCount > 1) document.getElementById("lesson").append(end);
    return end;
  }

  // A law that is wider than the screen stands in lines, cut at its gaps.
  window.pageReady.then(() => [...MathJax.startup.document.math].map(async ({ display, math, typesetRoot: whole }) => {
    if (!display || math.includes("\\begin") || whole.scrollWidth <= whole.parentElement.clientWidth) return;
    const lines = math.split(/(?:\\qquad\s*)+/).map((line) => MathJax.tex2svgPromise(line, { display }));
    whole.replaceWith(...await Promise.all(lines));
  }));

  // On a narrow screen a figure is small: a tap shows it in full, and so does Enter.
  const narrow = matchMedia("screen and (max-width: 52rem)"), pictures = document.querySelectorAll("figure img");
  const press = (picture, full) => picture.setAttribute("aria-pressed", picture.classList.toggle("full", full));
  for (const picture of pictures) {
    picture.addEventListener("click", () => { if (narrow.matches) press(picture); });
    picture.addEventListener("keydown", ({ key }) => { if (key === "Enter") press(picture); });
  }
  const resize = () => pictures.forEach((picture) => {
    press(picture, false);
    for (const [name, value] of [["role", "button"], ["tabindex", "0"]]) {
      if (narrow.matches) picture.setAttribute(name, value); else picture.removeAttribute(name);
    }
    if (!narrow.matches) picture.removeAttribute("aria-pressed");
  });
  narrow.addEventListener("change", resize);
  resize();

  // A printed program or table keeps its lines, and is scrolled where a screen is narrow; a printed sentence wraps.
  for (const printed of document.querySelectorAll(".jp-RenderedText pre")) {
    const told = printed.textContent, longest = Math.max(...told.split("\n").map((line) => line.length));
    printed.classList.toggle("columns", /^(@|def |class )/.test(told) || (/\S {2,}\S/.test(told) && longest <= 90));
  }

  // What is larger than its place is scrolled, and not by mouse alone: Tab stops there, and the arrow keys push it.
  const SCROLLED = ".jp-InputArea-editor, .jp-MarkdownOutput, .jp-RenderedHTMLCommon table, mjx-container[display], .unrolled-why";
  const ends = () => {
    for (const part of document.querySelectorAll(`main :is(${SCROLLED}):not(:has(a:not(.anchor-link), button, input, summary, [tabindex]))`)) {
      const larger = part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight + 1;
      if (larger) part.tabIndex = 0; else part.removeAttribute("tabindex");
    }
  };
  window.pageReady.then(ends);
  addEventListener("resize", ends);
  addEventListener("toggle", ends, true);

  const fold = document.querySelector(".contents details");
  if (matchMedia("(max-width: 75rem)").matches) fold.open = false;
})();
