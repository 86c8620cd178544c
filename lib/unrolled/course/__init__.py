"""The course itself: its lessons in order, the map that lesson 00 shows, their small pictures."""
