"""Cells whose memory runs over depth as well as over time: the depth-gated LSTM and the Grid LSTM.

A layer passes two sequences up, a state and a cell. A step is step(x, c_below, h_prev, c_prev, **weights) -> what goes
up to the next layer, two arrays (N, H), and last what goes on to the next step, two arrays (N, H).

    hs, cs = lstm(xs, *states[0], **layers[0])                    # the lowest layer has no cell below
    hs, cs, last = climb(depth_gated_step, hs, cs, states[1:], layers[1:])

    hs, cs, last = climb(grid_step, xs, zeros, states, layers)    # xs (T, N, H); no cell comes in with the input
    hs, cs, last = climb(grid_step, xs, zeros, states, layers * 6)  # of one layer: six, tied over depth
"""

from unrolled.autodiff.ops import sigmoid, split, stack, tanh, unstack
from unrolled.cells.lstm import lstm_step


def depth_gated_step(x, c_below, h_prev, c_prev, W_xh, W_hh, b_h, W_xd, w_cd, w_ld, b_d):
    """c = d c_below + f c_prev + i g: a gate d lets the cell of the layer below in, as f lets in the one before.

    d = sigmoid(x W_xd + w_cd c_prev + w_ld c_below + b_d); i, f, o and g as an LSTM's, h = o tanh c. x (N, D) is the
    state of the layer below, c_below (N, H) its cell; W_xd (D, H), w_cd, w_ld, b_d (H,) -> h, c. Both go up, and on.
    The authors' code differs: f = 1 - i; i sees c_prev and o sees c, each through a full matrix; the lowest layer has a
    d, too, and takes its input through a matrix for c_below; one learnt number scales each layer's input.
    Source: Yao, Cohn, Vylomova, Duh & Dyer (2015), "Depth-gated LSTM"; their code, ws15mt/cnn, cnn/dglstm.cc.
    """
    i, f, o, g = split(x @ W_xh + h_prev @ W_hh + b_h, parts=4)
    d = sigmoid(x @ W_xd + w_cd * c_prev + w_ld * c_below + b_d)
    c = d * c_below + sigmoid(f) * c_prev + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def grid_step(x, c_below, h_prev, c_prev, time, depth):
    """A block of the 2-D Grid LSTM: one LSTM along time, one along depth; each reads both states and has its own cell.

    time, depth: {"W_xh": (H, 4H), "W_hh": (H, 4H), "b_h": (4H,)}. What the paper writes as one matrix times [h_1; h_2]
    is W_xh and W_hh one above the other. Depth comes last and reads the new h of time ("priority", section 3.2).
    -> what goes up, y (N, H) and its cell, and what goes on, h and c.
    Source: Kalchbrenner, Danihelka & Graves (2015), "Grid long short-term memory".
    """
    h, c = lstm_step(x, h_prev, c_prev, **time)
    y, c_above = lstm_step(h, x, c_below, **depth)
    return y, c_above, h, c


def climb(step, xs, cs, states, layers):
    """Layers one above the other, the lowest first -> hs, cs (T, N, H) above the topmost, and all layers' last states.

    xs (T, N, D), cs (T, N, H): what the lowest layer gets from below; states: (h, c) for each layer.
    ValueError: not as many states as layers.
    """
    if len(states) != len(layers):
        raise ValueError(f"states must be given for each of the {len(layers)} layers, got {len(states)}")
    last = []
    for state, weights in zip(states, layers):
        above = []
        for x, c_below in zip(unstack(xs), unstack(cs)):
            new = step(x, c_below, *state, **weights)
            above.append(new[:2])
            state = new[-2:]
        xs, cs = (stack(*sequence) for sequence in zip(*above))
        last.append(state)
    return xs, cs, tuple(last)
