"""Says of tables that were measured by other code whether this code measures the same: by one job of each."""

import math
import sys

from tqdm import tqdm

from unrolled.data.tables import read_table
from unrolled.experiments.runner import run
from unrolled.experiments.store import format_cell, read_comments, stamp


def confirm(experiments, tables, where):
    """Measure the first row of each table of other code again; where it comes out the same, stamp the table.

    {name: Experiment}, the tables' folder, the options of `run` -> whether all tables are of this code.
    """
    first, faults = {}, {}
    for name, experiment in experiments.items():
        table = tables / f"{name}.csv"
        if read_comments(table).get("version") != experiment.version():
            faults[name] = _other_rows(experiment, table)
            first[name] = experiment.job(experiment.rows(1)[0])
    jobs = {name: job for name, job in first.items() if not faults[name]}
    for name, numbers, error, _ in tqdm(run(jobs, **where), total=len(jobs), desc="confirm", file=sys.stderr):
        table, costs = tables / f"{name}.csv", experiments[name].costs
        faults[name] = error or _other_numbers(read_table(table).rows[0], numbers, costs)
        if not faults[name]:
            stamp(table, experiments[name].version())
    for name, fault in faults.items():
        print(f"{name}: {f'not confirmed: {fault}' if fault else 'confirmed'}")
    return not any(faults.values())


def _other_rows(experiment, table):
    """What a table has of other settings, seeds or sizes, in words; "" where it has what the experiment declares."""
    if not table.exists():
        return "there is no table"
    rows, setup = read_table(table).rows, read_comments(table)["setup"]
    wanted = experiment.rows(len(rows) // len(experiment.settings))
    if [{column: row.get(column) for column in wanted[0]} for row in rows] != [
        {column: format_cell(value) for column, value in row.items()} for row in wanted
    ]:
        return "its settings or seeds are others"
    return "" if setup == experiment.setup() else f"its sizes are others: {setup}"


def _other_numbers(row, numbers, costs):
    """Where a row of a table (text) and numbers measured again differ, in words; "" where they agree.

    Another BLAS adds in another order, so they agree to 1e-4. Costs, time and memory, agree within a factor of two.
    """
    if missing := numbers.keys() - row.keys():
        return f"it has no column {', '.join(sorted(missing))}"

    def agree(column):
        tolerance = 0.5 if column in costs else 1e-4
        same = row[column] == format_cell(numbers[column])  # nan, too
        return same or math.isclose(float(row[column]), numbers[column], rel_tol=tolerance)

    differ = [column for column in numbers if not agree(column)]
    return ", ".join(f"{column} is {row[column]}, and {format_cell(numbers[column])} now" for column in differ)
