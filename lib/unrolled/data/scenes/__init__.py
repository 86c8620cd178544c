"""Pictures of coloured shapes: how they are drawn, what is said of them, and what may be asked."""
