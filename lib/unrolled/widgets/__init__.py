"""What a reader plays with in a notebook. NumPy computes, the browser plays; nothing that a reader does leaves it."""

from unrolled.widgets.base import presenter
from unrolled.widgets.canvas import sketchpad
from unrolled.widgets.coloured_text import text_heat
from unrolled.widgets.explorer import explore
from unrolled.widgets.graph_stepper import stepper
from unrolled.widgets.matrices import numbers
from unrolled.widgets.question import predict
