"""The computational graph: values with their pullbacks, the tape that leads back, and what checks a gradient."""

from unrolled.autodiff.tape import Var, backward, differentiable, history, value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
