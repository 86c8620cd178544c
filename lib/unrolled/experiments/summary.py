"""What a lesson says of the tables that it reads: sizes, seeds, step counts, machine and date, in one place."""

from unrolled.data import folder
from unrolled.experiments.store import read_comments
from unrolled.experiments.table import EXPERIMENTS


def table_summary(*names):
    """Text: for each experiment its seeds, its date, what varies in it and what is the same in all rows.

    It is read from the head of data/results/<name>.csv; what varies, from the experiment. KeyError: no such experiment.
    """
    heads = {name: read_comments(folder() / "results" / f"{name}.csv") for name in names}
    lines = [*dict.fromkeys(f"machine: {head['machine']}" for head in heads.values())]
    for name, head in heads.items():
        lines += ["", f"{name}: seeds {head['seeds']}, {head['date']}", f"  {head['setup']}"]
        settings = EXPERIMENTS[name].settings
        for key in settings[0]:
            values = dict.fromkeys(str(setting[key]) for setting in settings)
            lines.append(f"  {key}: {', '.join(values) if len(values) < 12 else f'{len(values)} of them'}")
    return "\n".join(lines)
