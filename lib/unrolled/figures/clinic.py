"""The curves of the bug clinic. A case is whatever has the losses that are read here, as exercises/clinic's cases have.

clinic.show_program(case)   the program, and what training with it looks like
clinic.show_cure(case)      the lines that change, and both curves
clinic.show_loss(case)      what training with the program looks like
clinic.show_mended(case)    the same, beside the program without its bug
"""

from unrolled.figures import plots


def show_program(case):
    """Print case.source, and show case.losses."""
    print(case.source)
    show_loss(case)


def show_cure(case):
    """Print case.cure; where there was a bug, show case.losses beside case.mended_losses."""
    print(case.cure)
    if case.bug:
        show_mended(case)


def show_loss(case):
    """Show case.losses, one a step. The title gives their ends alone: case.title may tell what is on trial."""
    _show(case, {"this program": case.losses}, f"The loss: from {case.losses[0]:.2f} to {case.losses[-1]:.2f}")


def show_mended(case):
    """Show case.losses beside case.mended_losses."""
    _show(case, {"this program": case.losses, "mended": case.mended_losses}, case.title)


def _show(case, curves, title):
    fig, ax = plots.figure(size=(9, 3.4))
    plots.losses(ax, curves, ylabel=case.loss)
    ax.set_title(title)
    ends = "; ".join(f"{name} ends at {losses[-1]:.2f}" for name, losses in curves.items())
    plots.show(fig, alt=f"{case.loss} by step: {ends}.".capitalize())
