"""How long from a slider's tick to the changed picture, in a real JupyterLab:  make bench-widgets

The same curves three times in one notebook: interact with an inline matplotlib figure, explore that plays what it has,
and explore that computes live. Each tick is one press of an arrow key. It ends when the picture has changed and the
browser has painted it: all is measured inside the page, from the key's event to the frame after the change.
What counts is the ratio of the medians, since machines differ. Exit 1 if a ratio is missed.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from tests.browser import conftest as house

TICKS = 20
CELLS = [
    """
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatSlider, interact
from unrolled.widgets import charts, explore

%matplotlib inline
steps, RHO = np.arange(100), np.linspace(0.5, 1.5, 101)

def compute(rho):
    return {"grown": rho ** (steps / 10), "shrunk": rho ** (-steps / 10)}

names = {"growing": "grown", "shrinking": "shrunk"}
chart = charts.lines(names, xlabel="step t", ylabel="norm", title="At rho = {rho:.2f}")
""",
    """
def picture(rho):
    for name, curve in compute(rho).items():
        plt.plot(steps, curve, label=name)
    plt.xlabel("step t"), plt.ylabel("norm"), plt.title(f"At rho = {rho:.2f}"), plt.legend()
    plt.show()

interact(picture, rho=FloatSlider(value=0.8, min=0.5, max=1.5, step=0.01));
""",
    'explore(compute, chart, alt="Two curves.", start={"rho": RHO[30]}, rho=RHO)',
    'explore(compute, chart, alt="Two curves.", start={"rho": RHO[30]}, live=True, rho=RHO)',
]
KINDS = [  # name; the cell; its slider, its picture; how many times faster than the first it has to be
    ("interact + inline matplotlib", 1, ".noUi-handle", "img", None),
    ("explore, played", 2, "input[type=range]", "svg path[d]", 8),
    ("explore, live", 3, "input[type=range]", "svg path[d]", 3),
]
# window.tick() starts a clock at the next key, and gives the milliseconds until a frame with another picture.
CLOCK = """([cell, picture]) => {
    const root = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-Cell-outputWrapper");
    const state = () => [...root.querySelectorAll(picture)].map((e) => e.src ?? e.getAttribute("d")).join();
    window.tick = () => new Promise((done) => {
        const before = state();
        let start = null;
        root.addEventListener("keydown", () => { start = performance.now(); }, { capture: true, once: true });
        const watch = new MutationObserver(async () => {
            const now = state();
            if (start === null || now === before || now === "") return;
            watch.disconnect();
            await Promise.all([...root.querySelectorAll("img")].map((e) => e.decode()));
            requestAnimationFrame(() => {
                const painted = new MessageChannel();  // its message comes after the frame
                painted.port1.onmessage = () => done(performance.now() - start);
                painted.port2.postMessage(null);
            });
        });
        watch.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    });
}"""


def milliseconds(page, cell, slider, picture):
    """The times of the ticks, after a few that are not counted."""
    handle = page.locator(".jp-CodeCell").nth(cell).locator(slider)
    handle.focus()
    page.evaluate(CLOCK, [cell, picture])
    times = []
    for _ in range(3 + TICKS):
        page.evaluate("() => { window.ticked = window.tick(); }")
        page.keyboard.press("ArrowRight")
        times.append(page.evaluate("window.ticked"))
        page.wait_for_timeout(50)  # the kernel comes to rest
    return times[3:]


def main():
    launch = house.chromium()
    if launch is None:
        sys.exit(house.NO_BROWSER)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as playwright:
        server = house.Server(Path(folder))
        try:
            browser = playwright.chromium.launch(**launch)
            page = browser.new_page(viewport={"width": 1360, "height": 1000})
            house.Lab(page, "widgets", server, house.notebook(CELLS, server.root), timeout=120)
            medians = [median(milliseconds(page, *how)) for _, *how, _ in KINDS]
            browser.close()
        finally:
            server.stop()
    missed = 0
    print(f"from a slider's tick to the changed picture, median of {TICKS}")
    for (name, *_, required), time in zip(KINDS, medians):
        line = f"{name:30} {time:7.1f} ms"
        if required:
            missed += (ratio := medians[0] / time) < required
            line += f"   {ratio:5.1f} times faster, required {required}: {'met' if ratio >= required else 'MISSED'}"
        print(line)
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
