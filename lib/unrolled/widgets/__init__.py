"""What a reader plays with in a notebook: `predict` and `explore`. Nothing that a reader does leaves the machine."""

from unrolled.widgets.explore import explore
from unrolled.widgets.predict import predict

__all__ = ["explore", "predict"]
