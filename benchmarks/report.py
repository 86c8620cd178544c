"""What was measured, as tables and verdicts: ratios, with the times of the floor beside them."""

import math
import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

AVX512 = ("SkylakeX", "Cooperlake", "SapphireRapids")  # OpenBLAS's kernels for it


def machine():
    """Processor, cores, and the versions that matter, one line each; not the machine's name."""
    import numpy
    from threadpoolctl import threadpool_info

    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if "model name" in line] if info.exists() else []
    processor = names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()
    blas = [b for b in threadpool_info() if b["user_api"] == "blas"]
    told = ", ".join(
        f"{b['internal_api']} {b['version']}, which takes its {b.get('architecture')} kernels" for b in blas
    )
    return {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
        "Python": platform.python_version(),
        "NumPy": f"{numpy.__version__}, BLAS: {told or 'one that does not tell'}",
        "PyTorch": version("torch"),
    }


def version(package):
    """Its version, or that it is not here."""
    return next((found.version for found in metadata.distributions(name=package)), "not installed")


def kernels():
    """{OPENBLAS_CORETYPE: name}: the kernels that OpenBLAS takes by itself (None), and where the processor has AVX-512,
    those for it, or those without it if they are the first.
    """
    from threadpoolctl import threadpool_info

    taken = next((b.get("architecture") for b in threadpool_info() if b["internal_api"] == "openblas"), None)
    info = Path("/proc/cpuinfo")
    if taken is None or not info.exists() or "avx512f" not in info.read_text():
        return {None: "default kernels"}
    if taken in AVX512:
        return {None: "default (AVX-512) kernels", "Haswell": "AVX2 kernels"}
    return {None: "default kernels", "SkylakeX": "AVX-512 kernels"}


def geometric_mean(values):
    """exp of the mean logarithm; nan where there is nothing to average."""
    values = [v for v in values if not math.isnan(v)]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def number(value, digits=2):
    """A number for a table; a dash where nothing was measured."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def table(head, rows):
    """Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def text(found):
    """The whole report."""
    load = " and ".join(f"{found[f'load {when}'][0]:.1f}" for when in ("before", "after"))
    about = [f"- {name}: {value}" for name, value in found["machine"].items()]
    parts = [
        "# Benchmarks",
        "Written by `make bench`. Forward and backward, float32, in ratios. Each side runs alone in its process, in "
        "turns of 15 runs, or of as many as fit into half a second (three at least): of a turn the median counts, of a "
        "side's turns the least, of its thread counts the faster.",
        "\n".join([*about, f"- date: {datetime.now(UTC):%Y-%m-%d}", f"- load, before and after: {load}"]),
        "## Required and aimed at",
        table(("what", "measured", "limit", "verdict", "why, where missed"), verdicts(found)),
        "## Kernels",
        "The floor is the time of the bare matrix products of forward and backward. *reference* is the library's "
        "reading by the book, *plain* the per-step program in float64. All columns after the floor are ratios of times "
        "(less is better): the kernel over the floor and over PyTorch, the others over the floor. The kernels are "
        "those of OpenBLAS; which of them it takes by itself stands above, whatever OPENBLAS_CORETYPE asks for.",
    ]
    for kernels, name in found["kernels"].items():
        columns = len(KERNEL_HEAD) - (0 if kernels is None else 2)  # the slower sides run with the default kernels
        rows = [row[:columns] for row in kernel_rows(found, kernels)]
        parts += [f"### With the {name}", table(KERNEL_HEAD[:columns], rows)]
    parts += ["## A whole training step of a char-RNN", table(*step_table(found))]
    parts += ["## min-char-rnn: iterations per second", table(*iterations(found))]
    parts += ["## Peak memory of one training step", MEMORY_TEXT, table(*memory_table(found))]
    parts += ["## How the kernel's time grows", EXPONENT_TEXT, table(*exponent_table(found))]
    return "\n\n".join(parts)


KERNEL_HEAD = ("cell", "N, T, D, H", "floor, ms", "/ floor", "/ PyTorch", "reference / floor", "plain / floor")
MEMORY_TEXT = (
    "The growth of the process's peak (ru_maxrss) over a step, after a tiny one has loaded everything, with inputs and "
    "weights in place; median of three processes. In brackets what NumPy itself asked for (tracemalloc)."
)
EXPONENT_TEXT = (
    "Time ~ size^exponent, one thread, around (N, T, D, H) = (32, 50, 64, 128): T 25…200, N 16…128, H 64…512. Work "
    "grows with exponents 1, 1, 2; below that, overhead is being spread over more work."
)
CELLS = ("lstm", "gru", "rnn")


def kernel_rows(found, kernels):
    rows = []
    for cell in CELLS:
        for shape, s in found[cell].items():
            fast, floor = s["fast", kernels], s["floor", kernels]
            others = s["torch", None], s["reference", None], s["plain", None]
            ratios = fast / floor, fast / others[0], others[1] / floor, others[2] / floor
            rows.append([cell, ", ".join(map(str, shape)), number(1e3 * floor), *map(number, ratios)])
    return rows


def verdicts(found):
    """One row for each requirement and each aim."""
    rows = []
    for kernels, name in found["kernels"].items():
        for sizes, limit, chosen in (("H ≥ 256", 1.5, lambda H: H >= 256), ("H = 128", 2.0, lambda H: H == 128)):
            for cell in CELLS:
                ratios = [s["fast", kernels] / s["floor", kernels] for (*_, H), s in found[cell].items() if chosen(H)]
                what = f"required: {cell} / floor, {sizes}, {name}"
                rows.append(verdict(what, max(ratios, default=math.nan), limit, SINGLE))
    for cell in CELLS:  # by the book a program may take what it takes: it stands here for comparison
        mean = geometric_mean([s["reference", None] / s["floor", None] for s in found[cell].values()])
        rows.append((f"beside it: reference of {cell} / floor, geometric mean", number(mean), "", "", ""))
    (s,) = found["min-char-rnn"].values()
    rows.append(
        verdict(
            "required: min-char-rnn by hand, iterations/s / plain",
            s["plain", None] / s["by hand", None],
            4.0,
            CALLS,
            more=True,
        )
    )
    for cell in CELLS:
        worst = max((m["fast"] / m["torch"] for m in found["memory"][cell].values() if m["torch"]), default=math.nan)
        rows.append(verdict(f"required: peak memory of {cell} / PyTorch's, worst", worst, 1.5, ""))
    return rows + aims(found)


SINGLE = "element-wise work runs on one thread while the products have all"
CALLS = "six NumPy calls a step, and some eighty an iteration, are what is left"


AIMS = {"lstm": 1.1, "gru": 0.45, "rnn": 0.35}  # of PyTorch's time


def aims(found):
    """Beside PyTorch: the limits are those of the kernels that OpenBLAS takes by itself."""
    rows = []
    for kernels, name in found["kernels"].items():
        for cell, limit in AIMS.items():
            times = found[cell].values()
            mean, floor = (
                geometric_mean([s[side, kernels] / s["torch", None] for s in times]) for side in ("fast", "floor")
            )
            why = f"the bare products alone take {number(floor)} of PyTorch's whole time"
            rows.append(aim(f"{cell} / PyTorch, geometric mean, {name}", mean, limit, why, kernels))
        for shape, s in found["char-RNN step"].items():
            floor = found["lstm"][shape]["floor", kernels] / s["torch", None]
            why = f"the bare products of its LSTM alone take {number(floor)} of PyTorch's whole step"
            what = f"char-RNN training step / PyTorch's, {', '.join(map(str, shape))}, {name}"
            rows.append(aim(what, s["fast", kernels] / s["torch", None], 1.0, why, kernels))
    return rows


def aim(what, value, limit, why, kernels):
    """A verdict where OpenBLAS takes these kernels by itself; else what was measured."""
    return (
        verdict(f"aim: {what}", value, limit, why)
        if kernels is None
        else (f"beside it: {what}", number(value), "", "", "")
    )


def verdict(what, value, limit, why, more=False):
    """A row that says met or missed, and why it is missed."""
    if math.isnan(value):
        return what, "–", "", "not measured", "no PyTorch, or no such shape"
    met = value >= limit if more else value <= limit
    return what, number(value), f"{'≥' if more else '≤'} {limit}", "met" if met else "**missed**", "" if met else why


def step_table(found):
    kernels = found["kernels"]
    head = ["N, T, D, H", "PyTorch, ms", *(f"/ PyTorch, {name}" for name in kernels.values())]
    rows = []
    for shape, s in found["char-RNN step"].items():
        ratios = [number(s["fast", k] / s["torch", None]) for k in kernels]
        rows.append([", ".join(map(str, shape)), number(1e3 * s["torch", None]), *ratios])
    return head, rows


def iterations(found):
    (s,) = found["min-char-rnn"].values()
    plain = s["plain", None]
    rows = [[name, f"{1 / seconds:.0f}", number(plain / seconds)] for (name, _), seconds in s.items()]
    return ("program", "iterations/s", "/ plain"), rows


def memory_table(found):
    rows = []
    for cell in CELLS:
        for shape, m in found["memory"][cell].items():
            ours = f"{m['fast'] / 2**20:.1f} ({m['fast, traced'] / 2**20:.1f})"
            ratio = number(m["fast"] / m["torch"] if m["torch"] else math.nan)
            rows.append([cell, ", ".join(map(str, shape)), ours, f"{m['torch'] / 2**20:.1f}", ratio])
    return ("cell", "N, T, D, H", "kernel, MiB", "PyTorch, MiB", "ratio"), rows


def exponent_table(found):
    rows = [[cell, *(number(e[axis]) for axis in "TNH")] for cell, e in found["exponents"].items()]
    return ("cell", "T", "N", "H"), rows
