"""Linear recurrences' experiments at a tiny size: equal weights, what is lost with the sign, what is timed."""

from types import SimpleNamespace

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.experiments import linear_state

SIZES = {"parameters": 600, "T": 12, "N": 32, "steps": 400, "max_norm": 1.0, "test_size": 400}


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("network", linear_state.NETWORKS)
@pytest.mark.parametrize("task", linear_state.TASKS)
def test_networks_have_as_many_weights_as_they_may(network, task):
    _, D, M = linear_state.TASKS[task]
    params = linear_state.init(rng(), network, D, M, 2000)
    H = len(params["readout"]["W"])
    assert sum(W.size for _, W in leaves(params)) == linear_state.size(network, D, H, M) <= 2000
    assert linear_state.size(network, D, H + 1, M) > 2000
    xs, targets = linear_state.sequences(rng(), task, 3, 4)
    assert xs.shape == (4, 3, D)
    assert targets.shape == (4, 3)
    assert linear_state.logits(params, xs, network).shape == (4, 3, M)


@pytest.mark.slow
def test_parity_is_lost_with_the_sign_of_the_gate_and_not_with_the_bend():
    """tanh and the GRU follow it; a linear state does so, too, where its gate may be negative."""
    found = {
        network: linear_state.measure(rng(), "parity", network, 1e-2, **SIZES)
        for network in ("rnn", "gru", "signed 1", "minGRU 1")
    }
    followed = [share for network in ("rnn", "gru", "signed 1") for share in found[network].values()]
    assert min(followed) > 0.95
    assert max(found["minGRU 1"][share] for share in ("right_8", "right_12")) < 0.7 < found["minGRU 1"]["right_2"]


@pytest.mark.slow
def test_a_latch_needs_no_sign():
    assert linear_state.measure(rng(), "latch", "minGRU 1", 1e-2, **SIZES)["right_8"] > 0.95


def test_loop_and_scan_are_both_timed(monkeypatch):
    called = []
    for name in ("by_loop", "by_scan"):
        monkeypatch.setattr(linear_state, name, lambda a, b, name=name: called.append((name, a.shape, a.dtype)))
    found = linear_state.measure_scan(rng(), 20, 3, repeats=2)
    assert called == [("by_loop", (20, 3), np.float32), ("by_scan", (20, 3), np.float32)] * 3
    assert set(found) == {"loop_ms", "scan_ms"}


def test_the_shares_are_those_of_the_steps_that_they_name(monkeypatch):
    """A network that is right at the 2nd and the last of 12 steps alone."""

    def logits(params, xs, network):
        said = np.eye(2)[xs[..., 0].cumsum(0).astype(int) % 2]
        said[[0, *range(2, 11)]] *= -1
        return said

    monkeypatch.setattr(linear_state, "logits", logits)
    monkeypatch.setattr(linear_state, "learn", lambda *args, **how: [SimpleNamespace(params=None)])
    found = linear_state.measure(rng(), "parity", "rnn", 1e-2, **SIZES)
    assert found == {"right_2": 1, "right_8": 0, "right_12": 1}
