"""The curves of the bug clinic: a program's loss, then the same beside the loss without the bug."""

from types import SimpleNamespace

import pytest

from unrolled.figures import clinic

CASE = SimpleNamespace(
    title="A lookup that forgets",
    source="def f(x): ...",
    cure="+ return 2 * x",
    bug=("1", "2"),
    loss="loss (bits)",
    losses=[2.0, 1.0, 0.75],
    mended_losses=[2.0, 0.5, 0.25],
)


@pytest.fixture
def shown(monkeypatch):
    """The Axes that were shown, each with its alt text."""
    figures = []
    monkeypatch.setattr(clinic.plots, "show", lambda fig, *, alt: figures.append((fig.axes[0], alt)))
    return figures


def test_the_loss_stands_alone_and_its_title_does_not_tell_the_bug(shown):
    clinic.show_loss(CASE)
    [(ax, alt)] = shown
    assert ax.get_title() == "The loss: from 2.00 to 0.75"
    assert ax.get_ylabel() == "loss (bits)"
    assert [list(line.get_ydata()) for line in ax.lines] == [[2.0, 1.0, 0.75]]
    assert alt == "Loss (bits) by step: this program ends at 0.75."


def test_both_losses_stand_under_the_programs_title(shown):
    clinic.show_mended(CASE)
    [(ax, alt)] = shown
    assert ax.get_title() == "A lookup that forgets"
    assert [list(line.get_ydata()) for line in ax.lines] == [[2.0, 1.0, 0.75], [2.0, 0.5, 0.25]]
    assert alt == "Loss (bits) by step: this program ends at 0.75; mended ends at 0.25."


def test_the_source_stands_above_the_loss_and_the_cure_above_both(shown, capsys):
    clinic.show_program(CASE)
    clinic.show_cure(CASE)
    assert capsys.readouterr().out == "def f(x): ...\n+ return 2 * x\n"
    assert [len(ax.lines) for ax, _ in shown] == [1, 2]
    clinic.show_cure(SimpleNamespace(**vars(CASE) | {"bug": (), "cure": "nothing to mend"}))
    assert len(shown) == 2
