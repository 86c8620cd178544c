"""A copy of the course with Korean, in JupyterLab: folded below the English, with its formulas."""

from pathlib import Path

import nbformat

from unrolled.course.korean import with_korean

LESSON = Path(__file__).parents[2] / "notebooks" / "01_vanilla_rnn.ipynb"


def test_the_korean_of_a_cell_opens_below_its_english(lab, tmp_path):
    notebook = nbformat.read(LESSON, 4)
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("01-000", "01-131")]
    nbformat.write(with_korean(notebook, LESSON.stem), tmp_path / LESSON.name)
    folds = lab(tmp_path / LESSON.name).page.locator(".jp-RenderedMarkdown details[lang=ko]")
    folds.nth(1).wait_for()
    assert folds.count() == 2
    formulas = folds.nth(1).locator("mjx-container")
    assert formulas.count() == 4
    assert not formulas.first.is_visible()
    for fold in folds.all():
        fold.locator("summary").click()
    assert "바닐라 순환 신경망" in folds.first.locator("strong").first.inner_text()
    assert folds.first.locator("a").inner_text() == "여기서 시작하세요"
    assert formulas.first.is_visible()
