"""Checkpoints: whatever is killed when, the file can be read, and the resumed run ends at the same numbers."""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.cells.rnn import rnn
from unrolled.layers.losses import squared_error
from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import SGD, Adagrad, Adam, RMSProp, clip_by_norm

N, D, H = 2, 1, 3


def start():
    rng = np.random.default_rng(0)
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
    return {"rnn": {key: 0.5 * rng.standard_normal(shape) for key, shape in shapes.items()}}


def chunks():
    rng = np.random.default_rng(1)
    while True:
        yield rng.standard_normal((4, N, D)), rng.standard_normal((4, N, H))


def array_loss(params, xs, targets, h):
    hs = rnn(xs, h, **params["rnn"])
    return squared_error(hs, targets), hs[-1]


def tuple_loss(params, xs, targets, carry):
    loss, h = array_loss(params, xs, targets, carry[0])
    return loss, (h, {"mean": 0.9 * carry[1]["mean"] + h})


def plain_loss(params, xs, targets):
    return array_loss(params, xs, targets, np.zeros((N, H)))[0]


CARRIES = {
    "no carry": (plain_loss, None),
    "an array": (array_loss, np.zeros((N, H))),
    "a tuple": (tuple_loss, (np.zeros((N, H)), {"mean": np.zeros((N, H))})),
}


def train(path=None, steps=12, carry="an array", optimizer=None, **config):
    loss, first = CARRIES[carry]
    config = {"steps": steps, "carry": first, "clip": lambda grads: clip_by_norm(grads, 1.0)} | config
    return fit(loss, start(), chunks(), optimizer or Adam(0.01), checkpoint=path, progress=False, **config)


def end(training):
    """All that the last step holds; the parameters as they then were."""
    *_, last = training
    return leaves((last.step, last.loss, last.grad_norm, last.params, last.carry))


def assert_same_end(training, other):
    for (path, a), (_, b) in zip(end(training), end(other), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=str(path))


# Resuming


@pytest.mark.parametrize("carry", CARRIES)
@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.01)], ids=repr)
@pytest.mark.parametrize("stop", [1, 5, 11])
def test_a_resumed_run_ends_at_the_same_numbers(tmp_path, carry, optimizer, stop):
    path = tmp_path / "run.npz"
    list(train(path, stop, carry, optimizer))
    resumed = list(train(path, 12, carry, optimizer))
    assert [s.step for s in resumed] == list(range(stop + 1, 13))
    whole = train(None, 12, carry, optimizer)
    for step, other in zip(resumed, islice(whole, stop, None), strict=True):
        assert (step.loss, step.grad_norm) == (other.loss, other.grad_norm)
    for (_, a), (_, b) in zip(leaves((step.params, step.carry)), leaves((other.params, other.carry)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_that_is_done_stays_done(tmp_path):
    list(train(tmp_path / "run.npz", 5))
    before = (tmp_path / "run.npz").read_bytes()
    assert list(train(tmp_path / "run.npz", 5)) == []
    assert list(train(tmp_path / "run.npz", 3)) == []
    assert (tmp_path / "run.npz").read_bytes() == before


def steps_saved(path):
    with np.load(path) as file:
        return int(file["step"])


def test_it_is_saved_every_so_many_steps_and_at_the_end(tmp_path):
    path = tmp_path / "run.npz"
    saved = [(step.step, steps_saved(path) if path.exists() else 0) for step in train(path, 11, save_every=4)]
    assert saved == [(n, n // 4 * 4) for n in range(1, 12)]
    assert steps_saved(path) == 11
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_break_saves(tmp_path):
    for step in train(tmp_path / "run.npz"):
        if step.step == 5:
            break
    assert steps_saved(tmp_path / "run.npz") == 5
    assert_same_end(train(tmp_path / "run.npz"), train())


def test_closing_saves(tmp_path):
    training = train(tmp_path / "run.npz")
    next(training)
    training.close()
    assert steps_saved(tmp_path / "run.npz") == 1


def test_an_interrupt_while_the_caller_works_saves(tmp_path):
    def plot():
        for step in train(tmp_path / "run.npz"):
            if step.step == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plot()
    assert steps_saved(tmp_path / "run.npz") == 5
    assert_same_end(train(tmp_path / "run.npz"), train())


def test_an_interrupt_while_a_gradient_is_computed_saves(tmp_path):
    calls = iter(range(1, 99))

    def clip(grads):
        if next(calls) == 6:
            raise KeyboardInterrupt
        return clip_by_norm(grads, 1.0)

    with pytest.raises(KeyboardInterrupt):
        list(train(tmp_path / "run.npz", clip=clip))
    assert steps_saved(tmp_path / "run.npz") == 5
    assert_same_end(train(tmp_path / "run.npz"), train())


def test_an_interrupt_within_an_update_does_not_save_half_of_it(tmp_path):
    class Interrupted(Adam):
        __repr__ = lambda self: repr(Adam(self.learning_rate))  # a checkpoint is for one optimizer

        def change(self, p, g, t, m, v):
            super().change(p, g, t, m, v)
            if t == 6:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(train(tmp_path / "run.npz", optimizer=Interrupted(0.01), save_every=4))
    assert steps_saved(tmp_path / "run.npz") == 4
    assert_same_end(train(tmp_path / "run.npz"), train())


def test_batches_that_end_early_lose_nothing(tmp_path):
    path = tmp_path / "run.npz"
    loss, first = CARRIES["an array"]
    with pytest.raises(ValueError, match="a batch for each of the 12 steps, got 7"):
        list(fit(loss, start(), islice(chunks(), 7), Adam(), steps=12, carry=first, checkpoint=path, progress=False))
    assert steps_saved(path) == 7


# Writing, and what may go wrong in it

TREE = {"params": {"W": np.arange(6.0).reshape(2, 3), "b": np.float32(2)}, "pair": (np.int64(7), np.zeros((0, 2), "f"))}
OTHER = {"params": {"W": -TREE["params"]["W"], "b": np.float32(5)}, "pair": (np.int64(8), np.zeros((0, 2), "f"))}


def assert_holds(path, tree):
    for (_, a), (_, b) in zip(leaves(load_checkpoint(path, like=TREE)), leaves(tree), strict=True):
        np.testing.assert_array_equal(a, b)
        assert (a.dtype, a.shape) == (b.dtype, np.shape(b))


def test_what_is_saved_is_loaded_in_the_same_nest(tmp_path):
    save_checkpoint(tmp_path / "a.npz", TREE)
    loaded = load_checkpoint(str(tmp_path / "a.npz"), like=OTHER)
    assert loaded.keys() == TREE.keys()
    assert isinstance(loaded["pair"], tuple)
    assert_holds(tmp_path / "a.npz", TREE)
    save_checkpoint(str(tmp_path / "a.npz"), OTHER)
    assert_holds(tmp_path / "a.npz", OTHER)
    assert os.listdir(tmp_path) == ["a.npz"]


class Watched(io.BufferedWriter):
    """A file that tells of each call before it is made."""

    def __init__(self, path, tell):
        super().__init__(io.FileIO(path, "wb"))
        self.tell_of = tell

    def write(self, data):
        write, flush = super().write, super().flush
        self.tell_of("write", lambda: (write(bytes(data)[: len(data) // 2]), flush()))
        return write(data)

    def flush(self):
        self.tell_of("flush")
        super().flush()


def watch(tell):
    """Have every call that touches the disk told of: tell(name, and a way to do it by half)."""
    fsync, replace = os.fsync, os.replace
    nothing = lambda: None
    return {
        (Path, "open"): lambda path, mode: Watched(path, lambda name, half=nothing: tell(name, half)),
        (os, "fsync"): lambda handle: (tell("fsync", nothing), fsync(handle)),
        (os, "replace"): lambda a, b: (tell("replace", nothing), replace(a, b)),
    }


def calls_of_one_save(tmp_path, monkeypatch):
    calls = []
    with monkeypatch.context() as patch:
        for place, function in watch(lambda name, half: calls.append(name)).items():
            patch.setattr(*place, function)
        save_checkpoint(tmp_path / "calls.npz", TREE)
    (tmp_path / "calls.npz").unlink()
    return calls


def test_everything_is_on_the_disk_before_the_file_takes_its_place(tmp_path, monkeypatch):
    calls = calls_of_one_save(tmp_path, monkeypatch)
    assert calls.count("write") > 8
    assert (calls.count("fsync"), calls.count("replace")) == (1, 1)
    last_write = max(i for i, name in enumerate(calls) if name == "write")
    assert last_write < calls.index("flush", last_write) < calls.index("fsync") < calls.index("replace")


def test_an_error_at_any_call_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    """A full disk, a file in use."""
    path = tmp_path / "a.npz"
    save_checkpoint(path, TREE)
    for n in range(len(calls_of_one_save(tmp_path, monkeypatch))):
        left = iter(range(n))

        def fail(name, half, left=left):
            if next(left, None) is None:
                raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            for place, function in watch(fail).items():
                patch.setattr(*place, function)
            with pytest.raises(OSError, match="No space left on device"):
                save_checkpoint(path, OTHER)
        assert_holds(path, TREE)
        assert os.listdir(tmp_path) == ["a.npz"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that dies in the middle of a call needs os.fork")
def test_a_kill_at_any_call_leaves_a_file_that_can_be_read(tmp_path, monkeypatch):
    """Each child dies at its n-th call, writing half of what it was to write; the last ones come through."""
    path = tmp_path / "a.npz"
    calls = calls_of_one_save(tmp_path, monkeypatch)
    for n in range(len(calls) + 1):
        save_checkpoint(path, TREE)
        if (child := os.fork()) == 0:
            left = iter(range(n))

            def die(name, half, left=left):
                if next(left, None) is None:
                    half()
                    os.kill(os.getpid(), signal.SIGKILL)

            try:
                for place, function in watch(die).items():
                    setattr(*place, function)
                save_checkpoint(path, OTHER)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        assert killed == (n < len(calls))
        assert_holds(path, TREE if killed else OTHER)
    assert os.listdir(tmp_path) == ["a.npz"], "what the last kill left, the save that came through took over"


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_at_the_same_numbers(tmp_path):
    """Another process trains, saves at every step, and is killed without a warning at moments of no one's choosing."""
    path, rng, seen = tmp_path / "run.npz", np.random.default_rng(), 0
    for _ in range(3):
        with subprocess.Popen([sys.executable, __file__, path], stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"trained\n"
            time.sleep(rng.uniform(0, 0.1))
            process.kill()
        assert process.returncode != 0
        assert seen < steps_saved(path)
        seen = steps_saved(path)
    assert_same_end(train(path, seen + 10), train(None, seen + 10))


# Files that are no checkpoint of this run


def test_what_a_kill_left_behind_does_no_harm(tmp_path):
    path = tmp_path / "run.npz"
    list(train(path, 5))
    (tmp_path / "run.npz.part").write_bytes(path.read_bytes()[:99])
    assert_same_end(train(path), train())
    assert os.listdir(tmp_path) == ["run.npz"]


def test_no_cut_and_no_flipped_bit_passes_for_a_checkpoint(tmp_path):
    """Either the very same numbers, or a ValueError that names the file."""
    path = tmp_path / "a.npz"
    save_checkpoint(path, TREE)
    whole, rng, refused = path.read_bytes(), np.random.default_rng(0), 0
    cuts = [whole[:n] for n in rng.integers(len(whole), size=40)]
    flips = []
    for n in rng.integers(len(whole), size=200):
        flipped = bytearray(whole)
        flipped[n] ^= 1 << rng.integers(8)
        flips.append(bytes(flipped))
    for damaged in [b"", whole[:-1], *cuts, *flips]:
        path.write_bytes(damaged)
        try:
            assert_holds(path, TREE)
            assert len(damaged) == len(whole)
        except ValueError as error:
            refused += str(path) in str(error)
    assert refused > 42 + 100


class Planted:
    """What a pickle would run when it is read."""

    def __reduce__(self):
        return os.mkdir, ("planted",)


@pytest.mark.parametrize(
    "write, said",
    [
        (lambda path: path.write_bytes(b"no archive"), "must be an .npz file; it is damaged, or another file"),
        (lambda path: path.mkdir(), "must be an .npz file; it is damaged, or another file"),
        (lambda path: np.save(path.open("wb"), np.ones(2)), "must be an .npz file; it is damaged, or another file"),
        (lambda path: np.save(path.open("wb"), Planted()), "must be an .npz file; it is damaged, or another file"),
        (lambda path: np.savez(path, step=Planted()), "it is damaged, or another file"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "must hold ["),
        (lambda path: np.savez(path, W=np.ones(3)), "must hold ['carry', 'memory/m/rnn/W_hh', "),
        (lambda path: list(train(path, 1, "no carry")), "'step'], got ['memory/m/rnn/W_hh'"),
        (lambda path: list(train(path, 1, "a tuple")), "got ['carry/0', 'carry/1/mean'"),
        (lambda path: list(train(path, 1, optimizer=SGD())), "memory/v/rnn/W_hh"),
    ],
)
def test_what_is_no_checkpoint_of_this_run_is_named(tmp_path, monkeypatch, write, said):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "run.npz")
    with pytest.raises(ValueError) as error:
        list(train(tmp_path / "run.npz"))
    assert str(error.value).startswith(f"{tmp_path / 'run.npz'} must ")
    assert said in str(error.value)
    assert not Path("planted").exists(), "nothing was unpickled"


@pytest.mark.parametrize(
    "first, then",
    [(Adagrad(0.1), RMSProp(0.1)), (Adam(0.01), Adam(0.02))],
    ids=["another law with the same state", "another learning rate"],
)
def test_another_optimizer_does_not_take_a_run_over(tmp_path, first, then):
    path = tmp_path / "run.npz"
    list(train(path, 3, optimizer=first))
    with pytest.raises(ValueError) as error:
        next(train(path, optimizer=then))
    assert str(error.value) == f"optimizer in {path} must be {then}, got {first}"


@pytest.mark.parametrize(
    "leaf, found",
    [(np.zeros((3, 2)), "float64 (3, 2)"), (np.zeros((2, 3), "f"), "float32 (2, 3)"), (np.float64(0), "float64 ()")],
)
def test_another_shape_or_dtype_is_named(tmp_path, leaf, found):
    path = tmp_path / "a.npz"
    save_checkpoint(path, TREE | {"params": {"W": leaf, "b": np.float32(2)}})
    with pytest.raises(ValueError) as error:
        load_checkpoint(path, like=TREE)
    assert str(error.value) == f"params/W in {path} must be float64 (2, 3), got {found}"


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "a.npz", like=TREE)


@pytest.mark.parametrize("leaf", [None, [1, "a", None], np.array([None])])
def test_what_only_a_pickle_could_hold_is_refused_before_the_old_file_is_touched(tmp_path, leaf):
    path = tmp_path / "a.npz"
    save_checkpoint(path, TREE)
    with pytest.raises(TypeError, match="^a checkpoint holds arrays of numbers, got dtype object at pair/1$"):
        save_checkpoint(path, TREE | {"pair": (np.int64(1), leaf)})
    assert_holds(path, TREE)


if __name__ == "__main__":  # the process that is killed
    for number, _ in enumerate(train(sys.argv[1], steps=None, save_every=1)):
        if number == 0:
            print("trained", flush=True)
