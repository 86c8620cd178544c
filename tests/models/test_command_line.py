"""The command line: what it says and writes, a run that is killed at any moment, and every kind of bad input."""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from unrolled import sample as sample_module
from unrolled import train as train_module
from unrolled.autodiff.trees import leaves
from unrolled.cells import cell_of
from unrolled.data.languages import toggled
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.learning.optimizers import Adam
from unrolled.models import char_lm
from unrolled.models.files import load, save
from unrolled.train import Annealed, Settings, train

TEXT = toggled(np.random.default_rng(0), 1500).text
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
    assert char_lm.evaluate(model.params, tail) == model.facts["validation"]


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that dies in the middle of a call needs os.fork")
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_a_run_that_is_killed_at_its_nth_write_again_and_again_ends_at_the_same_numbers(
    whole, tmp_path, monkeypatch, call, n
):
    """Each child goes on from what the last one left, and is killed at its n-th write, until one comes through."""
    monkeypatch.setattr(train_module, "SAVE_EVERY", 2)
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
        ends.append(done.stdout.splitlines()[-1].replace(name, "it"))
        assert (f"m.run.npz: the run goes on after step {saved}\n" in done.stdout) == (name == "m.npz")
    assert ends[0] == ends[1]
    assert re.fullmatch(r"it: \d\.\d{4} nats = \d\.\d{4} bits per character on the tail; the best n-gram: .*", ends[0])
    assert_same_files(tmp_path / "m.npz", tmp_path / "unharmed.npz")


def test_what_the_commands_print(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("text.txt", "w", encoding="utf-8") as file:
        file.write(TEXT)
    train_module.main(
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


def test_minutes_are_turned_into_steps_once(tmp_path):
    looks = train(TEXT, tmp_path / "m.npz", SMALL, minutes=0.02, progress=False)
    steps = next(looks).steps
    looks.close()
    assert steps >= 20
    again = list(train(TEXT, tmp_path / "m.npz", SMALL, minutes=0.02, progress=False))
    assert again[-1].step == again[-1].steps == steps


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


@pytest.mark.parametrize(
    "arguments, said",
    [
        ("nowhere.txt", "there is no file 'nowhere.txt'"),
        ("latin.txt", "must be text in UTF-8, got the byte 0xe9 at position 3"),
        ("zero.txt", "got binary data: a zero byte at position 1"),
        ("empty.txt", "must hold at least 2 characters"),
        ("short.txt", "the text is too short: what is learnt and the held-out tail must have at least 2 symbols"),
        ("few.txt", "the text must have more than T = 50 symbols"),
        ("text.txt --out folder/m.npz", "--out must be an .npz file in a folder that exists"),
        ("text.txt --out m.txt", "--out must be an .npz file"),
        ("text.txt --steps 0", "give steps or minutes, one of them, above 0"),
        ("text.txt --minutes -1", "give steps or minutes, one of them, above 0"),
        ("text.txt --minutes nan", "give steps or minutes, one of them, above 0"),
        ("text.txt --H 0 --steps 1", "H must be at least 1, got 0"),
        ("text.txt --dropout 1 --steps 1", "at least 0 and below 1, got 1.0"),
        ("text.txt --held-out 2 --steps 1", "held_out must be above 0 and below 1, got 2.0"),
        ("text.txt --most 1", "most must be a whole number >= 2, got 1"),
        ("text.txt --steps 1 --out damaged.npz", "damaged.npz must be an .npz file; it is damaged"),
    ],
)
def test_bad_input_is_told_in_one_line(tmp_path, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    files = {"latin": b"caf\xe9 noir", "zero": b"a\0b", "empty": b"", "short": b"abc", "few": b"abcd" * 10}
    for name, content in (files | {"text": TEXT.encode()}).items():
        (tmp_path / f"{name}.txt").write_bytes(content)
    (tmp_path / "damaged.npz").write_bytes(b"no archive")
    with pytest.raises(SystemExit) as error:
        train_module.main(arguments.split())
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("python -m unrolled.train: ")
    assert said in message
    assert message.count("\n") == 1


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


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nowhere.npz"], "there is no file nowhere.npz"),
        (["text.npz"], "must be an .npz file; it is damaged, or another file"),
        (["m.npz", "--prime", "abx"], "and not 'x', which is at 2 of prime"),
        (["m.npz", "--temperature", "-1"], "temperature must be 0 or more, got -1"),
        (["m.npz", "--top-k", "0"], "top_k must be a whole number from 1"),
        (["m.npz", "--top-p", "2"], "top_p must be above 0 and at most 1"),
        (["m.npz", "-n", "-3"], "-n must be at least 0, got -3"),
    ],
)
def test_bad_questions_to_a_model(tmp_path, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "m.npz", steps=1)
    (tmp_path / "text.npz").write_text(TEXT, encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        sample_module.main(arguments)
    assert error.value.code == 2
    assert said in capsys.readouterr().err
