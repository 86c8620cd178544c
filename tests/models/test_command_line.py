"""The command line: what it says and writes, a run that is killed at any moment, and every kind of bad input."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from tests.patience import patience
from unrolled import sample as sample_module
from unrolled.autodiff.trees import leaves
from unrolled.cells import cell_of
from unrolled.data.corpora import corpus
from unrolled.data.languages import draw_toggles
from unrolled.data.text import split, vocabulary
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.learning.optimizers import Adam, Annealed
from unrolled.models import char_lm, ngram
from unrolled.models.files import load, save
from unrolled.train import Settings, prepare, runs, train
from unrolled.train.__main__ import baselines
from unrolled.train.__main__ import main as train_command

TEXT = draw_toggles(np.random.default_rng(0), 1500).text
SMALL = Settings(H=6, D=4, T=10, N=4, learning_rate=0.02)
STEPS = 24


def run(out, steps=STEPS, settings=SMALL, text=TEXT):
    return list(train(text, out, settings, steps=steps, progress=False))


def assert_same_files(out, other):
    """The model and the run, to the last bit."""
    for suffix in (".npz", ".run.npz"):
        a, b = (leaves(load_checkpoint(path.with_suffix(suffix))) for path in (out, other))
        assert [path for path, _ in a] == [path for path, _ in b]
        for (path, x), (_, y) in zip(a, b):
            np.testing.assert_array_equal(x, y, err_msg=f"{suffix} {path}")


@pytest.fixture
def whole(tmp_path):
    """A run that nothing stopped: its file and its looks."""
    out = tmp_path / "whole.npz"
    return out, run(out)


def test_the_file_holds_the_best_model_and_all_that_is_needed_to_use_it(whole):
    out, looks = whole
    model = load(out)
    assert model.symbols == "".join(sorted(set(TEXT)))
    assert cell_of(model.params) == "gru"
    best = min(looks, key=lambda look: look.validation)
    assert (model.facts["step"], model.facts["validation"]) == (best.step, best.validation)
    assert looks[-1].best == best.validation < np.log(len(model.symbols))
    assert [look.step for look in looks] == list(range(1, STEPS + 1))
    tail = [model.symbols.index(symbol) for symbol in TEXT[-150:]]
    assert char_lm.evaluate(model.params, tail) == model.facts["validation"] == model.facts["tail"]


def test_the_best_model_is_kept_when_later_ones_are_worse(tmp_path):
    """Letters of which some are frequent, without another law: what is learnt by heart is wrong on the tail."""
    text = "".join(np.random.default_rng(0).choice(list("aaaaaaabbcdefgh"), size=400))
    settings = Settings(H=24, D=None, T=10, N=4, learning_rate=0.01, dropout=0.0)
    looks = run(tmp_path / "m.npz", steps=120, settings=settings, text=text)
    values = [look.validation for look in looks]
    assert values.index(min(values)) > 0
    assert min(values) < values[-1] - 0.1
    assert [look.best for look in looks] == np.minimum.accumulate(values).tolist()
    assert load(tmp_path / "m.npz").facts["validation"] == min(values)


@pytest.mark.slow
def test_a_seed_gives_the_same_run_again_and_another_another(whole, tmp_path):
    assert run(tmp_path / "again.npz") == whole[1]
    assert_same_files(tmp_path / "again.npz", whole[0])
    other = Settings(**vars(SMALL) | {"seed": 1})
    assert run(tmp_path / "other.npz", settings=other)[-1] != whole[1][-1]


@pytest.mark.parametrize("stop", [1, 7, STEPS - 1, STEPS])
def test_a_run_that_was_stopped_goes_on(whole, tmp_path, stop):
    looks = train(TEXT, tmp_path / "m.npz", SMALL, steps=STEPS, progress=False)
    seen = [next(looks) for _ in range(stop)]
    looks.close()
    rest = run(tmp_path / "m.npz")
    for a, b in zip(whole[1][-len(rest) :], rest):
        assert a[3:] == b[3:]
    assert seen + rest[-(STEPS - stop) or len(rest) :] == whole[1]
    assert_same_files(tmp_path / "m.npz", whole[0])


def kill_in(call):
    """install(n) lets this process die at its n-th write: with half of the file on the disk ("write"), with all of it
    but not yet in its place ("fsync"), or in its place ("replace")."""
    fsync, replace = os.fsync, os.replace

    def install(n):
        left = iter(range(n))

        def dying_fsync(fd):
            if next(left, None) is None:
                if call == "write":
                    os.ftruncate(fd, os.fstat(fd).st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            fsync(fd)

        def dying_replace(a, b):
            replace(a, b)
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        if call == "replace":
            os.replace = dying_replace
        else:
            os.fsync = dying_fsync

    return install


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that dies in the middle of a call needs os.fork")
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_a_run_that_is_killed_at_its_nth_write_again_and_again_ends_at_the_same_numbers(
    whole, tmp_path, monkeypatch, call, n
):
    """Each child goes on from what the last one left, and is killed at its n-th write, until one comes through."""
    monkeypatch.setattr(runs, "SAVE_EVERY", 2)
    out, killed = tmp_path / "m.npz", 0
    for _ in range(60):
        if (child := os.fork()) == 0:
            try:
                kill_in(call)(n)
                run(out)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        killed += 1
        for path in tmp_path.glob("m*.npz"):
            load_checkpoint(path)  # what lies there can be read
        if n < 2 and call != "replace":
            break  # it would die at the same write for ever: the next, who is not killed, takes over
    assert killed
    run(out)
    assert_same_files(out, whole[0])
    assert sorted(path.name for path in tmp_path.glob("m*")) == ["m.npz", "m.run.npz"]


@pytest.mark.slow
def test_another_process_that_is_killed_and_started_again(tmp_path):
    """By the command itself, at a moment of no one's choosing."""
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    sizes = ["--H", "6", "--D", "4", "--T", "10", "--N", "4"]
    command = [sys.executable, "-m", "unrolled.train", "text.txt", *sizes, "--steps", "400", "--seed", "3"]
    with subprocess.Popen(
        [*command, "--out", "m.npz"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as it:
        while b"step 100 " not in (line := it.stdout.readline()):
            assert line, "it ended before"
        it.kill()
    assert it.returncode != 0
    saved = int(load_checkpoint(tmp_path / "m.run.npz")["step"])
    assert saved >= 100, "a kill costs less than from one look to the next"
    ends = []
    for name in ("m.npz", "unharmed.npz"):
        done = subprocess.run([*command, "--out", name], cwd=tmp_path, capture_output=True, text=True, check=True)
        ends.append(done.stdout.splitlines()[-1].replace(name, "it").rpartition(";")[0])
        assert (f"m.run.npz: the run goes on after step {saved}\n" in done.stdout) == (name == "m.npz")
    assert ends[0] == ends[1]
    assert re.fullmatch(
        r"it: \d\.\d{4} nats = \d\.\d{4} bits per character on the tail; "
        r"the best n-gram \(Kneser-Ney\): \d\.\d{4} nats",
        ends[0],
    )
    assert_same_files(tmp_path / "m.npz", tmp_path / "unharmed.npz")


def test_what_the_commands_print(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("text.txt", "w", encoding="utf-8") as file:
        file.write(TEXT)
    train_command(
        [
            "text.txt",
            "--steps",
            "3",
            "--H",
            "6",
            "--cell",
            "lstm",
            "--D",
            "0",
            "--T",
            "10",
            "--N",
            "4",
            "--out",
            "m.npz",
        ]
    )
    printed = capsys.readouterr().out
    assert printed.startswith(f"text.txt: 1,500 characters, V = {len(set(TEXT))}\n")
    nats, bits = re.search(r"step 3 of 3: .*held-out (\S+) nats = (\S+) bits", printed).groups()
    assert float(bits) == pytest.approx(float(nats) / np.log(2), abs=2e-4)
    assert "lstm" in load("m.npz").params
    assert "embedding" not in load("m.npz").params
    texts = []
    for seed in ("0", "0", "1"):
        sample_module.main(["m.npz", "--prime", "ab", "-n", "40", "--seed", seed])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != texts[2]
    assert texts[0][:2] == "ab"
    assert len(texts[0]) == 43
    for options in (["--temperature", "0"], ["--top-k", "1", "--seed", "5"]):
        sample_module.main(["m.npz", "-n", "20", *options])
        texts.append(capsys.readouterr().out)
    assert texts[-1] == texts[-2], "the likeliest each time, both"


ABOVE = "above 0 and at most 1, for about so far Adam moves each weight"
TALES = corpus("tales").text[:40_000]


@pytest.mark.parametrize("name", ["tales", "tales_ko"])
def test_the_table_beside_the_model_is_the_better_of_the_two(name):
    text = corpus(name).text
    symbols, encode, _ = vocabulary(text)
    training, tail = split(encode(text), held_out=0.1)
    counted = ngram.count(training, len(symbols), 6)
    witten_bell = min(ngram.evaluate(counted, tail, order) for order in range(1, 7))
    every = [ngram.evaluate(ngram.kneser_ney(counted, d), tail, k) for d in (0.5, 0.7, 0.9) for k in range(1, 7)]
    assert min(every) - 0.01 < min(baselines(text)) < min(min(every) + 0.01, witten_bell - 0.05)


def test_a_text_in_the_encoding_that_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.txt").write_bytes(("옛날 옛적에 " * 30).encode("cp949"))
    sizes = ["--steps", "2", "--H", "4", "--D", "4", "--T", "5", "--N", "2", "--out", "m.npz"]
    with pytest.raises(SystemExit):
        train_command(["old.txt", *sizes])
    assert "it seems to be CP949 (EUC-KR)" in capsys.readouterr().err
    train_command(["old.txt", "--encoding", "cp949", *sizes])
    assert load("m.npz").symbols == "".join(sorted(set("옛날 적에")))


@pytest.mark.slow
def test_minutes_are_kept_and_spent_on_training(tmp_path):
    """A second and a half, of which the looks, the last reading and the files take little."""
    run, begin = prepare(TALES, tmp_path / "m.npz", Settings(H=16, N=4, T=20), minutes=0.025), perf_counter()
    seen = list(runs.looks(run, progress=False))
    assert perf_counter() - begin < 1.5 * (1 + 0.2 * patience())
    assert seen[-1].steps == seen[-1].step
    assert 2 <= len(seen) <= runs.LOOKS + 1
    assert seen[-1].validation < seen[0].validation


@pytest.mark.slow
def test_looks_take_little_of_the_time_however_long_the_tail_is(tmp_path, monkeypatch):
    """Counted in characters that are read, for a clock would count what else the machine does."""
    read, evaluate = [], runs._evaluate
    monkeypatch.setattr(
        runs, "_evaluate", lambda params, tail, settings: read.append(len(tail)) or evaluate(params, tail, settings)
    )
    settings = Settings(H=8, D=4, T=20, N=8, held_out=0.4)
    last = run(tmp_path / "m.npz", steps=400, settings=settings, text=TALES)[-1]
    *small, whole = read
    assert whole == round(0.4 * len(TALES))
    assert len(small) >= runs.LOOKS
    assert sum(small) <= 0.15 * last.step * 8 * 20
    model = load(tmp_path / "m.npz")
    tail = [model.symbols.index(symbol) for symbol in TALES[-whole:]]
    assert model.facts["tail"] == pytest.approx(char_lm.evaluate(model.params, tail), abs=0.02)
    assert model.facts["read"] == whole


def test_a_tail_that_would_take_the_time_is_read_in_part_and_that_is_said(tmp_path, capsys, monkeypatch):
    """15 % of .12 s for 10,000 characters: at H = 16 no machine reads one in 1.8 microseconds."""
    monkeypatch.chdir(tmp_path)
    text = "".join(map(chr, np.random.default_rng(0).choice(np.arange(0x4E00, 0x4E00 + 3000), 20_000)))
    (tmp_path / "han.txt").write_text(text, encoding="utf-8")
    train_command(
        [
            "han.txt",
            "--minutes",
            "0.002",
            "--held-out",
            ".5",
            "--H",
            "16",
            "--D",
            "8",
            "--N",
            "4",
            "--T",
            "20",
            "--out",
            "m.npz",
        ]
    )
    assert re.search(r"on the first [\d,]+ of 10,000 characters of the tail", capsys.readouterr().out)


@pytest.mark.slow
def test_a_run_of_minutes_goes_on_with_the_time_that_is_left(tmp_path):
    out, minutes = tmp_path / "m.npz", 0.04 * patience()  # a busy machine spends more of it before the third look
    stopped = train(TEXT, out, SMALL, minutes=minutes, progress=False)
    first = [next(stopped) for _ in range(3)]
    stopped.close()
    used = float(load_checkpoint(out.with_suffix(".run.npz"))["about"]["used"])
    assert 0.1 < used / (60 * minutes) < 1
    rest = list(train(TEXT, out, SMALL, minutes=minutes, progress=False))
    assert rest[0].step > first[-1].step
    assert len(first) + len(rest) <= runs.LOOKS + 2
    (again,) = train(TEXT, out, SMALL, minutes=minutes, progress=False)
    assert (again.step, again.validation, again.best) == (rest[-1].step, rest[-1].validation, rest[-1].best)


def test_with_minutes_the_size_suits_what_the_machine_reads_in_them(tmp_path):
    """Ten hours give a larger model, or one with more dropout, than a thirtieth of a second; what is said stays.

    On no machine is either near the line between two sizes."""
    asked = {minutes: prepare(TALES, tmp_path / "m.npz", minutes=minutes) for minutes in (0.0005, 600)}
    short, long = (asked[minutes].settings for minutes in asked)
    assert (short.H, short.dropout) == (128, 0)
    assert (long.H, long.dropout) == (256, 0.3)
    assert short.learning_rate > long.learning_rate
    assert asked[0.0005].facts["sample"] < asked[600].facts["sample"] == len(asked[600].tail)
    assert not list(tmp_path.iterdir())
    said = prepare(
        TALES, tmp_path / "m.npz", Settings(H=8, N=4, learning_rate=0.1, dropout=0.2), minutes=0.0005
    ).settings
    assert said == Settings(H=8, N=4, learning_rate=0.1, dropout=0.2)


def test_what_is_not_said_suits_the_budget_and_is_gone_on_with(tmp_path):
    settings = Settings(D=4, T=10, N=4, H=6)
    few, many = (prepare(TEXT, tmp_path / "m.npz", settings, steps=steps).settings for steps in (40, 4000))
    assert few.dropout == 0 < many.dropout
    assert replace(few, dropout=None, learning_rate=None) == settings
    assert prepare(TEXT, tmp_path / "m.npz", replace(settings, dropout=0.7), steps=40).settings.dropout == 0.7
    run(tmp_path / "m.npz", settings=replace(settings, dropout=0.7))
    assert prepare(TEXT, tmp_path / "m.npz", settings, steps=STEPS).settings.dropout == 0.7


def test_the_learning_rate_rises_and_falls():
    annealed = Annealed(0.01, steps=1000)
    rates = np.array([annealed.rate(t) for t in range(1, 1001)])
    assert rates.argmax() == pytest.approx(20, abs=2)
    assert rates[:18].tolist() == sorted(rates[:18])
    assert rates[25:].tolist() == sorted(rates[25:], reverse=True)
    assert rates[500] == pytest.approx(0.005, rel=0.01)
    assert 0 < rates[-1] < 1e-7
    assert annealed.rate(2000) == annealed.rate(1000)
    p, g = {"W": np.ones(3)}, {"W": np.array([1.0, -2.0, 0.5])}
    q, adam = {"W": np.ones(3)}, Adam(annealed.rate(1))
    annealed.update(p, g, annealed.init(p))
    adam.update(q, g, adam.init(q))
    np.testing.assert_array_equal(p["W"], q["W"])
    decayed, r = Annealed(0.01, steps=1000, weight_decay=0.3), {"W": np.ones(3)}
    decayed.update(r, {"W": np.zeros(3)}, decayed.init(r))
    np.testing.assert_allclose(r["W"], 1 - 0.3 * annealed.rate(1))


def test_the_learning_rate_follows_a_clock():
    now = 0.0
    timed, counted = Annealed(0.01, None, clock=lambda: now), Annealed(0.01, steps=999)
    for t in (1, 20, 500, 999):
        now = t / 1000
        assert timed.rate(12345) == counted.rate(t)
    now = 1.0
    assert timed.rate(1) == 0
    assert repr(timed) == "Annealed(learning_rate=0.01, steps=None, weight_decay=0.0)"


@pytest.mark.parametrize(
    "arguments, said",
    [
        ("nowhere.txt", "there is no file 'nowhere.txt'"),
        ("latin.txt", "must be text in UTF-8, got the byte 0xe9 at position 3"),
        ("zero.txt", "got binary data: a zero byte at position 1"),
        ("empty.txt", "must hold at least 2 characters"),
        ("short.txt", "the text is too short: what is learnt and the held-out tail must have at least 2 symbols"),
        ("few.txt", "at least N = 32, to learn from, got 36: of 40, held_out = 0.1 keeps 4"),
        ("text.txt --held-out .9997", "must have at least 2 symbols each, got 0 and 1500"),
        ("text.txt --held-out .98", "must have more than T = 50 symbols, and at least N = 32, to learn from, got 30"),
        ("text.txt --out folder/m.npz", "--out must be an .npz file in a folder that exists, got 'folder/m.npz'"),
        ("text.txt --out m.txt", "--out must be an .npz file"),
        ("text.txt --out dir.npz", "--out must be an .npz file"),
        ("text.txt --most 1", "--most: must be a whole number, at least 2, got '1'"),
        ("text.txt --steps 1 --out damaged.npz", "damaged.npz must be an .npz file; it is damaged"),
        ("text.txt --steps 1 --minutes 1", "--minutes: not allowed with argument --steps"),
        ("text.txt --cell perceptron", "--cell: invalid choice: 'perceptron'"),
        ("text.txt --speed 3", "unrecognized arguments: --speed 3"),
        ("", "the following arguments are required: text"),
        ("text.txt --steps 1 --H 100000000", "there is not memory enough: take a smaller --H, --N or --T"),
        *(
            (f"text.txt --{option} {value}", f"--{option}: must be {law}, got '{value}'")
            for option, law, values in (
                ("steps", "a whole number, at least 1", "0 -1 1.5 1e3 nan x"),
                ("minutes", "above 0 and finite", "0 -1 nan inf x"),
                (
                    "learning-rate",
                    "above 0 and at most 1, for about so far Adam moves each weight",
                    "0 -1 nan inf 1000",
                ),
                ("dropout", "at least 0 and below 1", "1 -.1 nan"),
                ("weight-decay", "at least 0 and at most 1", "-1 nan inf 2"),
                ("held-out", "above 0 and below 1", "0 1 2 nan"),
                ("seed", "a whole number, at least 0", "-1 1.5 nan"),
                *((name, "a whole number, at least 1", "0 -1 2.5") for name in ("H", "N", "T", "layers", "threads")),
                ("D", "a whole number, at least 0", "-1"),
            )
            for value in values.split()
        ),
    ],
)
def test_bad_input_is_told_in_one_line(tmp_path, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    files = {"latin": b"caf\xe9 noir", "zero": b"a\0b", "empty": b"", "short": b"abc", "few": b"abcd" * 10}
    for name, content in (files | {"text": TEXT.encode()}).items():
        (tmp_path / f"{name}.txt").write_bytes(content)
    (tmp_path / "damaged.npz").write_bytes(b"no archive")
    (tmp_path / "dir.npz").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SystemExit) as error:
        train_command(arguments.split())
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("python -m unrolled.train: ")
    assert said in message
    assert message.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before, "nothing is written before all is checked"


@pytest.mark.parametrize(
    "settings, said",
    [
        ({"cell": "perceptron"}, "cell must be one of rnn, lstm, gru, got 'perceptron'"),
        ({"H": 0}, "H must be a whole number, at least 1, got 0"),
        ({"H": 2.5}, "H must be a whole number, at least 1, got 2.5"),
        ({"N": True}, "N must be a whole number, at least 1, got True"),
        ({"learning_rate": np.nan}, "learning_rate must be above 0 and at most 1, .*, got nan"),
        ({"weight_decay": -1}, "weight_decay must be at least 0 and at most 1, got -1"),
        ({"seed": -1}, "seed must be a whole number, at least 0, got -1"),
        ({"threads": 0}, "threads must be a whole number, at least 1, got 0"),
    ],
)
def test_settings_that_break_a_law(settings, said):
    with pytest.raises(ValueError, match=said):
        Settings(**settings)


@pytest.mark.parametrize(
    "budget", [{}, {"steps": 1, "minutes": 1}, {"steps": 0}, {"minutes": np.inf}, {"minutes": np.nan}]
)
def test_a_budget_is_steps_or_minutes(tmp_path, budget):
    with pytest.raises(
        ValueError, match="give steps or minutes, one of them|steps must be a whole|minutes must be above 0"
    ):
        prepare(TEXT, tmp_path / "m.npz", SMALL, **budget)


def test_a_refused_command_is_taken_when_it_is_mended(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.txt").write_text("hello hello hello he", encoding="utf-8")
    command = "tiny.txt --H 8 --D 4 --N 2 --steps 3 --out m.npz --T "
    with pytest.raises(SystemExit):
        train_command((command + "20").split())
    assert not list(tmp_path.glob("m*"))
    train_command((command + "5").split())
    assert load("m.npz").facts["step"] in range(4)


def test_a_run_that_learns_nothing_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    train_command(
        [
            "text.txt",
            "--H",
            "6",
            "--D",
            "4",
            "--T",
            "10",
            "--N",
            "4",
            "--steps",
            "12",
            "--learning-rate",
            "1",
            "--out",
            "m.npz",
        ]
    )
    assert "the held-out loss has risen on the way: try a learning rate below 1\n" in capsys.readouterr().out
    train_command("text.txt --H 6 --D 4 --T 10 --N 4 --steps 2 --learning-rate 1e-9 --out n.npz".split())  # noqa: SIM905
    assert (
        "no better than single letters by their frequency: give it more time, or more steps" in capsys.readouterr().out
    )


@pytest.mark.slow
def test_a_run_that_learns_a_short_text_by_heart_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    letters = np.random.default_rng(1).choice(list("abcdefgh"), 300)
    (tmp_path / "text.txt").write_text("".join(letters), encoding="utf-8")
    train_command("text.txt --H 48 --D 8 --T 10 --N 4 --steps 400 --learning-rate .02 --out m.npz".split())  # noqa: SIM905
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("the training loss fell to ")
    assert "and the held-out loss rose from" in last
    assert "learns these 270 characters by heart, and needs more text, or less time. m.npz holds the best look" in last


def test_a_run_that_knows_fewer_settings_is_not_taken_over(whole):
    model = load(whole[0])
    settings = model.facts["settings"].replace(", minutes=None", "")
    save(whole[0], model._replace(facts=model.facts | {"settings": settings}))
    with pytest.raises(ValueError, match="it has nothing, asked is minutes=None"):
        run(whole[0])


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"text": TEXT[::-1]}, "go on with it: it has learnt another text. The learning"),
        ({"settings": Settings(**vars(SMALL) | {"H": 7})}, "go on with it: it has H=6, asked is H=7. The learning"),
        ({"steps": STEPS + 1}, f"it has steps={STEPS}, asked is steps={STEPS + 1}. The learning rate falls to 0"),
    ],
)
def test_a_run_of_another_text_or_of_other_settings_is_not_taken_over(whole, changed, said):
    before = [path.read_bytes() for path in sorted(whole[0].parent.iterdir())]
    with pytest.raises(ValueError, match=said):
        run(whole[0], **changed)
    assert [path.read_bytes() for path in sorted(whole[0].parent.iterdir())] == before


OTHER = {
    "another text": {"text": TEXT[::-1]},
    "a grown text": {"text": TEXT + TEXT[:700]},
    "a smaller alphabet": {"text": TEXT.replace(TEXT[0], TEXT[1])},
    "a larger alphabet": {"text": TEXT + "XYZ" * 50},
    "another T": {"settings": replace(SMALL, T=7)},
    "another dropout": {"settings": replace(SMALL, dropout=0.5)},
    "more steps": {"steps": STEPS + 6},
    "the same": {},
}


@pytest.mark.slow
@pytest.mark.parametrize("changed", OTHER.values(), ids=OTHER)
def test_a_run_whose_model_was_moved_is_not_taken_over_and_can_be_replaced(whole, tmp_path, changed):
    out = whole[0]
    out.rename(tmp_path / "moved.npz")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=r"whole.run.npz is a run whose model, .* is not there: .*--anew"):
        run(out, **changed)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    options = {"text": TEXT, "settings": SMALL, "steps": STEPS} | changed
    anew = train(options["text"], out, options["settings"], steps=options["steps"], anew=True, progress=False)
    assert list(anew) == run(tmp_path / "fresh.npz", **changed)
    assert_same_files(out, tmp_path / "fresh.npz")


@pytest.mark.slow
@pytest.mark.parametrize("changed", OTHER.values(), ids=OTHER)
def test_a_run_of_another_model_is_not_taken_over(whole, tmp_path, changed):
    """The model was trained elsewhere, and put beside a run with the same name."""
    if not changed:
        return
    run(tmp_path / "other.npz", **changed)
    (tmp_path / "other.npz").rename(whole[0])
    with pytest.raises(ValueError, match=r"whole.run.npz must be the run of .*whole.npz, and is another: move it away"):
        run(whole[0], **changed)


def test_anew_replaces_what_could_have_gone_on(whole):
    looks = list(train(TEXT, whole[0], replace(SMALL, seed=1), steps=3, anew=True, progress=False))
    assert [look.step for look in looks] == [1, 2, 3]
    assert "seed=1" in load(whole[0]).facts["settings"]


KOREAN = "바다 위로 갈매기가 날고 낡은 배는 다시 나갔다\n" * 60


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp949", "utf-8"])
def test_nothing_is_lost_on_a_console_that_cannot_encode(tmp_path, encoding):
    (tmp_path / "바다.txt").write_text(KOREAN, encoding="utf-8")
    options = ["--H", "8", "--D", "4", "--N", "4", "--T", "20", "--steps", "3", "--out", "배.npz"]
    there = {"cwd": tmp_path, "env": os.environ | {"PYTHONIOENCODING": encoding}, "capture_output": True}
    done = subprocess.run([sys.executable, "-m", "unrolled.train", "바다.txt", *options], **there)
    assert done.returncode == 0, done.stderr
    name = "바다.txt".encode(encoding, "backslashreplace")
    assert done.stdout.startswith(name + b": ")
    written = subprocess.run(
        [sys.executable, "-m", "unrolled.sample", "배.npz", "-n", "40", "--prime", "바다"], **there
    )
    assert written.returncode == 0
    text = written.stdout.decode(encoding)
    assert text.startswith("바다" if encoding in ("cp949", "utf-8") else r"\ubc14\ub2e4")
    assert len(re.sub(r"\\u[0-9a-f]{4}", "x", text).replace("\r\n", "\n")) == 43
    assert (b"PYTHONIOENCODING=utf-8" in written.stderr) == (encoding in ("ascii", "cp1252"))


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nowhere.npz"], "there is no file 'nowhere.npz'"),
        (["text.npz"], "must be an .npz file; it is damaged, or another file"),
        (["m.npz", "--prime", "abx"], "and not 'x', which is at 2 of prime"),
        (["m.npz", "--temperature", "-1"], "--temperature: must be at least 0 and finite, got '-1'"),
        (["m.npz", "--temperature", "nan"], "--temperature: must be at least 0 and finite, got 'nan'"),
        (["m.npz", "--temperature", "inf"], "--temperature: must be at least 0 and finite, got 'inf'"),
        (["m.npz", "--top-k", "0"], "--top-k: must be a whole number, at least 1, got '0'"),
        (["m.npz", "--top-k", "999"], "top_k must be a whole number from 1 to V = "),
        (["m.npz", "--top-p", "2"], "--top-p: must be above 0 and at most 1, got '2'"),
        (["m.npz", "--top-p", "nan"], "--top-p: must be above 0 and at most 1, got 'nan'"),
        (["m.npz", "-n", "-3"], "-n: must be a whole number, at least 0, got '-3'"),
        (["m.npz", "--seed", "-1"], "--seed: must be a whole number, at least 0, got '-1'"),
        (["m.npz", "--seed", "1.5"], "--seed: must be a whole number, at least 0, got '1.5'"),
    ],
)
def test_bad_questions_to_a_model(tmp_path, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "m.npz", steps=1)
    (tmp_path / "text.npz").write_text(TEXT, encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        sample_module.main(arguments)
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1
