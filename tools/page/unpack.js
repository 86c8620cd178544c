// The two large scripts stand packed in the page: unpacked in order, formulas first, then the widgets.
(() => {
  async function unpack(id) {
    const packed = document.getElementById(id);
    if (!packed) return;
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    packed.replaceWith(script);
  }

  async function start() {
    if (document.readyState === "loading") await new Promise((go) => addEventListener("DOMContentLoaded", go));
    await unpack("packed-mathjax");
    await window.MathJax.startup.promise;
    await unpack("packed-html-manager");
  }

  window.MathJax = {
    tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true, tags: "ams" },
    svg: { scale: 0.92 },
    options: { enableMenu: false, ignoreHtmlClass: "unrolled" },
    startup: {
      ready() {
        MathJax.startup.defaultReady();
        MathJax.Hub = { Queue: ([, , element]) => MathJax.typesetPromise([element]) }; // how the html-manager asks for it
      },
    },
  };
  window.pageReady = start();
  window.MathJax.startup.promise = window.pageReady; // until MathJax puts its own there
  if (!window.DecompressionStream) document.documentElement.className = ""; // an old browser: the still pictures
})();
