"""Attention: a weighted mean of annotations, whose weights depend on a query; by a product, or by a small network."""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable


@differentiable
def weighted_mean(scores, values, mask=None):
    """alpha_t = softmax_k(score_tk), context_t = sum_k alpha_tk value_k: what every kind of attention does with scores

    scores (N, T, K), values (N, K, B), mask (N, K) bool, or (N, T, K) where each step has its own -> contexts
    (T, N, B), alphas (T, N, K). Where the mask is False the weight is 0. ValueError: shapes that disagree, a row whose
    mask lets nothing through.
    """
    check_arrays("values N K B, scores N T K", values, scores)
    if mask is not None:
        mask, shapes = np.asarray(mask), (values.shape[:2], scores.shape)
        if mask.dtype != bool or mask.shape not in shapes or not mask.any(-1).all():
            raise ValueError(
                f"mask must be bool {shapes[0]} or {shapes[1]} with a True in each row, got {mask.dtype} {mask.shape}"
            )
        scores = np.where(mask if mask.ndim == 3 else mask[:, None], scores, -np.inf)
    alphas = np.exp(scores - scores.max(-1, keepdims=True))
    alphas /= alphas.sum(-1, keepdims=True)

    def pullback(dcontexts, dalphas):
        d = dcontexts.transpose(1, 0, 2)
        da = d @ values.transpose(0, 2, 1) + dalphas.transpose(1, 0, 2)
        return alphas * (da - (da * alphas).sum(-1, keepdims=True)), alphas.transpose(0, 2, 1) @ d, None

    return ((alphas @ values).transpose(1, 0, 2), alphas.transpose(1, 0, 2)), pullback


@differentiable
def attention(queries, keys, values, mask=None, *, scale=None):
    """alpha_t = softmax_k(scale q_t · key_k), context_t = sum_k alpha_tk value_k

    queries (T, N, A), keys (N, K, A), values (N, K, B), mask (N, K) or (N, T, K) bool -> contexts (T, N, B), alphas
    (T, N, K). scale: 1 / sqrt(A) by default. Where the mask is False the weight is 0.
    ValueError: shapes that disagree, a row whose mask lets nothing through.
    Sources: the scaled product is that of Vaswani et al. (2017); with scale=1 it is the score "dot" of Luong, Pham &
    Manning (2015), and with keys = values W_a their "general".
    """
    check_arrays("queries T N A, keys N K A, values N K B", queries, keys, values)
    scale = queries.dtype.type(keys.shape[2] ** -0.5 if scale is None else scale)
    q = queries.transpose(1, 0, 2)  # (N, T, A): one small matrix product for each sequence
    results, to_scores = weighted_mean.with_pullback(q @ keys.transpose(0, 2, 1) * scale, values, mask)

    def pullback(dcontexts, dalphas):
        ds, dvalues, _ = to_scores(dcontexts, dalphas)
        ds = ds * scale
        return (ds @ keys).transpose(1, 0, 2), ds.transpose(0, 2, 1) @ q, dvalues, None

    return results, pullback


@differentiable
def additive_attention(queries, keys, values, w, mask=None):
    """alpha_t = softmax_k(tanh(q_t + key_k) · w), context_t = sum_k alpha_tk value_k

    queries (T, N, M), keys (N, K, M), values (N, K, B), w (M,), mask (N, K) or (N, T, K) bool -> contexts (T, N, B),
    alphas (T, N, K). What makes queries of states, and keys of annotations, is the caller's: linear. Where the mask is
    False the weight is 0. ValueError: shapes that disagree, a row whose mask lets nothing through.
    Source: Bahdanau, Cho & Bengio (2014).
    """
    check_arrays("queries T N M, keys N K M, values N K B, w M", queries, keys, values, w)
    hidden = np.tanh(queries.transpose(1, 0, 2)[:, :, None] + keys[:, None])  # (N, T, K, M): every query, every key
    results, to_scores = weighted_mean.with_pullback(hidden @ w, values, mask)

    def pullback(dcontexts, dalphas):
        ds, dvalues, _ = to_scores(dcontexts, dalphas)
        dsum = ds[..., None] * (1 - hidden**2) * w  # the gradient of q_t + key_k
        return dsum.sum(2).transpose(1, 0, 2), dsum.sum(1), dvalues, np.tensordot(ds, hidden, 3), None

    return results, pullback
