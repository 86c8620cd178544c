"""Recurrent cells, a file for each: one step, the whole sequence, and their pullbacks on one screen.

The kernels `rnn`, `lstm` and `gru` have the names of their modules: from unrolled.cells.lstm import lstm.
"""

from unrolled.cells.allocator import keep_freed_blocks
from unrolled.cells.gru import gru_reset_before, gru_reset_before_step, gru_step
from unrolled.cells.lstm import lstm_bias, lstm_peephole, lstm_peephole_step, lstm_step
from unrolled.cells.rnn import jordan, rnn_step
from unrolled.cells.stacks import one_direction, reverse, stack_layers, two_directions
from unrolled.cells.table import CELLS, Cell, cell_of, cell_size, find_cell, init_cell, init_states

keep_freed_blocks()  # whoever imports a kernel comes by here
