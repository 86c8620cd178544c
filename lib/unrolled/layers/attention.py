"""Attention: a weighted mean of annotations, whose weights depend on a query."""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable


@differentiable
def attention(queries, keys, values, mask=None):
    """alpha_t = softmax_k(q_t · key_k / sqrt(A)), context_t = sum_k alpha_tk value_k

    queries (T, N, A), keys (N, K, A), values (N, K, B), mask (N, K) bool -> contexts (T, N, B), alphas (T, N, K).
    Where the mask is False the weight is 0. ValueError: shapes that disagree, a row whose mask lets nothing through.
    Source: the scaled product is that of Vaswani et al. (2017).
    """
    check_arrays("queries T N A, keys N K A, values N K B", queries, keys, values)
    scale = queries.dtype.type(keys.shape[2] ** -0.5)
    q = queries.transpose(1, 0, 2)  # (N, T, A): one small matrix product for each picture
    scores = q @ keys.transpose(0, 2, 1) * scale
    if mask is not None:
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != keys.shape[:2] or not mask.any(1).all():
            raise ValueError(
                f"mask must be bool {keys.shape[:2]} with a True in each row, got {mask.dtype} {mask.shape}"
            )
        scores = np.where(mask[:, None], scores, -np.inf)
    alphas = np.exp(scores - scores.max(-1, keepdims=True))
    alphas /= alphas.sum(-1, keepdims=True)

    def pullback(dcontexts, dalphas):
        d = dcontexts.transpose(1, 0, 2)
        da = d @ values.transpose(0, 2, 1) + dalphas.transpose(1, 0, 2)
        ds = alphas * (da - (da * alphas).sum(-1, keepdims=True)) * scale
        return (ds @ keys).transpose(1, 0, 2), ds.transpose(0, 2, 1) @ q, alphas.transpose(0, 2, 1) @ d, None

    return ((alphas @ values).transpose(1, 0, 2), alphas.transpose(1, 0, 2)), pullback
