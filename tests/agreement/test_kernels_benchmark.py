"""The benchmark compares like with like: the plain programs and the kernels compute the same numbers, and its verdicts
are those of the limits.
"""

import os
import sys
from importlib import util
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def load():
    """load(name): a program of benchmarks/, which is a folder of programs, not a package."""

    def from_file(name):
        spec = util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
        module = sys.modules[name] = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    names = "plain", "sides", "fast_char_rnn", "report", "run"  # each after those that it imports
    yield lambda name: {n: from_file(n) for n in names}[name]
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_plain_program_computes_what_the_kernel_computes(load, cell):
    sides = load("sides")
    shape = 3, 5, 4, 6
    values, dxs, dweights = sides.fast(cell, shape)()
    hs, plain_dxs, gradients, *db_hn = sides.plain(cell, shape)()
    T = shape[1]
    ours = values[0] if cell == "lstm" else values
    np.testing.assert_allclose(ours, np.stack([hs[t] for t in range(T)]), atol=1e-5)
    np.testing.assert_allclose(dxs, plain_dxs, atol=1e-5)
    names = list(gradients)
    for k, packed in enumerate(dweights[:3]):  # W_xi, W_hi, b_i, W_xf, …
        np.testing.assert_allclose(packed, np.concatenate([gradients[n] for n in names[k::3]], axis=-1), atol=1e-5)
    for ours, theirs in zip(dweights[3:], db_hn, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_three_character_models_learn_the_same(load):
    tokens = np.random.default_rng(0).integers(9, size=200)
    sizes = {"V": 9, "H": 8, "T": 5}
    losses = [
        list(islice(program(tokens, **sizes), 35))
        for program in (load("plain").min_char_rnn, load("fast_char_rnn").by_hand, load("fast_char_rnn").by_fit)
    ]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)
    np.testing.assert_allclose(losses[2], losses[0], rtol=1e-3)
    assert np.isclose(losses[0][0], 5 * np.log(9), rtol=1e-2)


@pytest.mark.parametrize(
    "value, limit, more, said",
    [
        (1.49, 1.5, False, ("1.49", "≤ 1.5", "met", "")),
        (1.51, 1.5, False, ("1.51", "≤ 1.5", "**missed**", "because")),
        (4.38, 4.0, True, ("4.38", "≥ 4.0", "met", "")),
        (2.14, 2.5, True, ("2.14", "≥ 2.5", "**missed**", "because")),
        (np.nan, 2.5, True, ("–", "", "not measured", "no PyTorch, or no such shape")),
    ],
)
def test_a_verdict_is_that_of_its_limit(load, value, limit, more, said):
    assert load("report").verdict("what", value, limit, "because", more=more) == ("what", *said)


@pytest.mark.parametrize(
    "taken, has_avx512, names",
    [
        ("SkylakeX", True, {None: "default (AVX-512) kernels", "Haswell": "AVX2 kernels"}),
        ("Haswell", True, {None: "default kernels", "SkylakeX": "AVX-512 kernels"}),
        ("Zen", False, {None: "default kernels"}),
        (None, True, {None: "default kernels"}),
    ],
)
def test_the_kernels_beside_the_default_are_those_that_openblas_does_not_take(
    load, monkeypatch, taken, has_avx512, names
):
    report = load("report")
    found = [{"internal_api": "openblas", "architecture": taken}] if taken else [{"internal_api": "mkl"}]
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: found)
    monkeypatch.setattr(Path, "exists", lambda self: True)
    monkeypatch.setattr(Path, "read_text", lambda self: "flags : avx2 avx512f" if has_avx512 else "flags : avx2")
    assert report.kernels() == names


@pytest.mark.parametrize("arguments", [[], ["--quick"]])
def test_every_table_and_verdict_is_printed(load, monkeypatch, capsys, tmp_path, arguments):
    """With a second for every measurement: what is asked of the sides is what the report needs."""
    run = load("run")
    ones = lambda job, shapes, wanted, *_: {shape: dict.fromkeys(wanted, 1.0) for shape in shapes}
    monkeypatch.setattr(run, "measure", ones)
    monkeypatch.setattr(run, "peaks", lambda job, shapes, names: ones(job, shapes, [*names, "fast, traced"]))
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    for setting in {"OPENBLAS_CORETYPE", *os.environ}:
        if setting.startswith("OPENBLAS_"):
            monkeypatch.setenv(setting, os.environ.get(setting, "Haswell"))  # so that all are there again afterwards
    run.main()
    assert "OPENBLAS_CORETYPE" not in os.environ
    printed = capsys.readouterr().out
    assert printed.count("| required: ") in (10, 16)  # with one set of kernels, with two
    assert arguments or "not measured" not in printed
    written = tmp_path / "results.md"
    assert not written.exists() if arguments else written.read_text("utf-8") == printed
