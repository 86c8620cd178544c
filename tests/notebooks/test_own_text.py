"""Lesson 04's section on a text of the reader's own: two names are changed, and the reader's file stays as it was."""

import pytest

from unrolled.data import corpora

TEXT = "The ferry sails at nine, and the last one home at six. " * 60


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_it_is_read_trained_on_and_left_alone(tmp_path, capsys, code_of, names_of, encoding):
    mine = tmp_path / "my.txt"
    mine.write_text(TEXT + ("여섯 시 배. " * 60 if encoding == "cp949" else ""), encoding)
    before = mine.read_bytes()
    cells = code_of("04_char_rnn")
    scope = names_of(cells, updates=20, D=32, N=16)  # the lesson says them where it begins to train
    first = next(k for k, source in enumerate(cells) if source.startswith("my_folder ="))
    for source in cells[first : first + 5]:
        exec(source.replace('path, encoding = korean, "cp949"', f"path, encoding = {str(mine)!r}, {encoding!r}"), scope)
    assert mine.read_bytes() == before
    assert scope["own"] == corpora.read_text(mine, encoding=encoding).text
    assert "on test: network" in capsys.readouterr().out
