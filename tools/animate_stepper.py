"""Make docs/images/stepper.gif, the README's moving picture: the real stepper, walked in a headless Chromium.

    python -m tools.animate_stepper [--to FILE]

The page is made by tools/export.py, and opened from its file with the network off.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from playwright.sync_api import sync_playwright

from tools.print_pdf import chromium

ROOT = Path(__file__).parents[1]
MOST = 600_000  # bytes
WIDTH = 580
CELL = """
import numpy as np
from unrolled.figures import plots
from unrolled.cells.rnn import rnn_step
from unrolled.layers.dense import linear
from unrolled.layers.losses import squared_error
from unrolled.autodiff.tape import Var, differentiable
from unrolled.widgets import stepper

plots.style()
rng = np.random.default_rng(1)
shapes = {"W_xh": (2, 2), "W_hh": (2, 2), "W_hy": (2, 1), "h_0": (1, 2)}
W_xh, W_hh, W_hy, h = (Var(rng.normal(size=shape), name) for name, shape in shapes.items())


@differentiable
def total(*losses):
    return np.sum(losses), lambda d: (d,) * len(losses)


losses = []
for t in range(1, 4):
    h = rnn_step(Var(rng.normal(size=(1, 2)), f"x_{t}"), h, W_xh, W_hh, np.zeros(2))
    y = linear(h, W_hy, np.zeros(1))
    losses.append(squared_error(y, np.ones((1, 1))))
    h.name, y.name, losses[-1].name = f"h_{t}", f"y_{t}", f"L_{t}"
L = total(*losses)
L.name = "L"
stepper(L, title="A real tape: forward, backward, and where a gradient came from")
"""


def main():
    """Export a notebook with one stepper, walk it, and write the pictures as one file."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--to", type=Path, default=ROOT / "docs" / "images" / "stepper.gif")
    target = arguments.parse_args().to
    with tempfile.TemporaryDirectory() as folder:
        content = new_notebook(cells=[new_code_cell(CELL)])
        content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = Path(folder) / "stepper.ipynb"
        nbformat.write(content, path)
        subprocess.run([sys.executable, "-m", "tools.export", path, "--to", folder], cwd=ROOT, check=True)
        pictures = walk(path.with_suffix(".html"))
    size = write(pictures, target)
    print(f"{target.name}: {len(pictures)} pictures, {size // 1000} kB")


def walk(page_file):
    """[(picture, milliseconds)] of the walk, then of a gradient asked for its origin, then of a window of one step."""
    pictures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.context.set_offline(True)
        page.goto(page_file.as_uri())
        widget = page.locator(".unrolled[data-widget=stepper]")
        widget.wait_for(timeout=60_000)
        page.add_style_tag(content=".unrolled-why { height: 9em } .unrolled-words { height: 4.5em }")
        steps, window = (widget.get_by_role("slider", name=name) for name in ("step", "window"))

        def keep(milliseconds):
            pictures.append((Image.open(io.BytesIO(widget.screenshot())).convert("RGB"), milliseconds))

        last = int(steps.get_attribute("max"))
        steps.press("Home")
        for step in range(last + 1):
            keep(450 if step < last / 2 else 900)
            steps.press("ArrowRight")
        widget.locator("[data-name='dW_hh[0, 1]']").click()
        keep(3500)
        window.press("Home")
        keep(3500)
        browser.close()
    return pictures


def write(pictures, target):
    """The pictures as a moving GIF, in the colours of the last of them; its size in bytes, which must not pass MOST."""
    small = [p.resize((WIDTH, round(p.height * WIDTH / p.width)), Image.Resampling.LANCZOS) for p, _ in pictures]
    palette = small[-1].quantize(64)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in small]
    times = [milliseconds for _, milliseconds in pictures]
    target.parent.mkdir(parents=True, exist_ok=True)
    frames[0].save(target, save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True)
    size = target.stat().st_size
    if size > MOST:
        sys.exit(f"{target.name} must have at most {MOST} bytes, got {size}: fewer pictures, or a smaller WIDTH")
    return size


if __name__ == "__main__":
    main()
