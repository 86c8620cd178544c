"""`python -m unrolled.experiments`, or `make experiments`: see `--help`."""

import sys

from unrolled.experiments.runner import main
from unrolled.experiments.table import EXPERIMENTS

if __name__ == "__main__":
    sys.exit(main(EXPERIMENTS))
