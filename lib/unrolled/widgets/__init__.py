"""What a reader plays with in a notebook. NumPy computes, the browser plays; nothing that a reader does leaves it."""

from unrolled.widgets.explore import explore
from unrolled.widgets.live_plot import live_plot
from unrolled.widgets.numbers import numbers
from unrolled.widgets.predict import predict
from unrolled.widgets.sketchpad import sketchpad
from unrolled.widgets.stage import presenter
from unrolled.widgets.stepper import stepper
from unrolled.widgets.text_heat import text_heat

__all__ = ["explore", "live_plot", "numbers", "predict", "presenter", "sketchpad", "stepper", "text_heat"]
