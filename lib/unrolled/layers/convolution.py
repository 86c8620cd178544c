"""A convolution of pictures: one small window of weights, used at every place."""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable


@differentiable
def conv2d(x, W, b, *, stride=1, padding=0):
    """y_ij = sum over a, b, c of x_{si+a, sj+b, c} W_abc + b        x (N, R, S, C), W (k, k, C, M), b (M,) -> (N, …, M)

    padding: rows and columns of zeros around the picture; the result has (R + 2 padding - k) // stride + 1 rows.
    The windows are laid side by side, so that forwards and backwards are one matrix product each.
    ValueError: shapes that disagree, a window larger than the padded picture, a stride < 1.
    """
    check_arrays("x N R S C, W k k C M, b M", x, W, b)
    k, (N, *_, C), M = len(W), x.shape, W.shape[-1]
    if stride < 1 or padding < 0 or min(x.shape[1:3]) + 2 * padding < k:
        raise ValueError(
            f"conv2d needs stride >= 1, padding >= 0 and a window k = {k} within the picture, got stride {stride}, "
            f"padding {padding}, x {x.shape}"
        )
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0))) if padding else x
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))[:, ::stride, ::stride]
    rows, columns = windows.shape[1:3]
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(N * rows * columns, k * k * C)

    def pullback(dy):
        dy_last = dy.transpose(3, 1, 2, 0).reshape(M, -1)  # the batch last: whole runs of it are added at once
        dwindows = (W.reshape(-1, M) @ dy_last).reshape(k, k, C, rows, columns, N)
        dx = np.zeros((*padded.shape[1:], N), x.dtype)
        for i in range(k):  # a pixel lies in several windows: its gradients add
            for j in range(k):
                place = slice(i, i + stride * rows, stride), slice(j, j + stride * columns, stride)
                dx[place] += dwindows[i, j].transpose(1, 2, 0, 3)
        dx = dx.transpose(3, 0, 1, 2)[:, padding : dx.shape[0] - padding, padding : dx.shape[1] - padding]
        dy = dy.reshape(-1, M)
        return dx, (flat.T @ dy).reshape(W.shape), dy.sum(0)

    return (flat @ W.reshape(-1, M) + b).reshape(N, rows, columns, M), pullback
