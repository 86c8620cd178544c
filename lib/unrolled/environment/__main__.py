"""The command: python -m unrolled.environment"""

import argparse
import sys

from unrolled import environment
from unrolled.environment.options import any_console

if __name__ == "__main__":
    any_console()
    about = environment.__doc__.partition("\n")[0]
    argparse.ArgumentParser(prog="python -m unrolled.environment", description=about).parse_args()
    print(report := environment.check_environment())
    sys.exit(bool(report.problems))
