"""A rehearsal of a class on a hub: `make hub-load STUDENTS=25`."""
