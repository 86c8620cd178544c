"""malloc is set once, when a cell is imported, and a reader may refuse it."""

import os
import platform
import subprocess
import sys

import pytest

GLIBC = platform.libc_ver()[0] == "glibc"
ASK = "from unrolled.cells import lstm_step; from unrolled.cells.allocator import keep_freed_blocks as k; print(k())"


@pytest.mark.parametrize("value, told", [(None, GLIBC), ("1", GLIBC), ("0", False)])
def test_the_environment_decides(value, told):
    others = {name: text for name, text in os.environ.items() if name != "UNROLLED_MALLOC"}
    chosen = {} if value is None else {"UNROLLED_MALLOC": value}
    process = subprocess.run(
        [sys.executable, "-c", ASK], env=others | chosen, capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == str(told)
