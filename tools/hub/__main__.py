"""Rehearse a class on a hub of this machine's own (rehearsal.py says how); nothing of it is left when this ends."""

import sys

from tools.hub.keeper import kept

if __name__ == "__main__":
    sys.exit(kept([sys.executable, "-m", "tools.hub.rehearsal", *sys.argv[1:]]))
