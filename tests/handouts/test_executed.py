"""Pages can be made of notebooks that another run executed: of those that are there, and are still the same."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.build_handouts import taken_lessons


def write(folder, name, source, *outputs):
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source, outputs=list(outputs))]), folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def test_what_was_executed_is_taken_unless_it_is_missing_or_old(tmp_path):
    lessons, executed = tmp_path / "notebooks", tmp_path / "executed"
    notebooks = [write(lessons, name, "1 + 1") for name in ("a", "b", "c")]
    same = write(executed, "a", "1 + 1", new_output("stream", text="2"))
    write(executed, "b", "1 + 2")
    taken, failed = taken_lessons(notebooks, executed)
    assert taken == {"a": same}
    assert failed == {
        "b": f"b.ipynb has changed since it was run into {executed}",
        "c": f"c.ipynb is not in {executed}",
    }
