"""The captioner: the loss of the words that count, and one step."""

import numpy as np

from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import drop_summands, mutants, swap, transpose_weights


def caption_loss(logits, targets, mask):
    """Nats for each word that counts, and its gradient: logits (T, N, V), targets, mask (T, N) -> loss, dlogits"""
    z = logits - logits.max(axis=2, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=2, keepdims=True))
    hits = np.eye(logits.shape[2])[targets]
    weights = mask[:, :, None] / mask.sum()
    return -(weights * hits * log_p).sum(), weights * (np.exp(log_p) - hits)


def _caption_loss_case(rng, T, N, V):
    """Captions of different lengths. At T = 5 the logits are so large that e^y overflows."""
    logits = rng.standard_normal((T, N, V + 1)) * (1000 if T == 5 else 1)
    lengths = T - np.arange(N) % T
    return {"logits": logits, "targets": rng.integers(V + 1, size=(T, N)), "mask": np.arange(T)[:, None] < lengths}


DIVIDED, LOSS, BACK = "mask[:, :, None] / mask.sum()", "-(weights * hits * log_p).sum()", "(np.exp(log_p) - hits)"
CAPTION_LOSS = Exercise(
    name="caption_loss",
    statement="Write the mean cross-entropy of the words where the mask is True, and its gradient for the logits.",
    reference=caption_loss,
    case=_caption_loss_case,
    results=("loss", "dlogits"),
    hints=(
        "It is lesson 04's loss and its way back, with one axis more. What may padding add to either?",
        "log p = y - log sum e^y over the last axis, its largest y taken off first. A word that counts has the weight "
        "1 / mask.sum(), all others 0.",
        "hits = np.eye(V)[targets]; the loss is -(weights * hits * log_p).sum(), dlogits weights * (p - hits).",
    ),
    wrong=mutants(
        caption_loss,
        ("the mask is forgotten: padding adds nothing to the loss", DIVIDED,
         "np.ones(mask.shape)[:, :, None] / mask.size"),
        ("the mask is only in the divisor: padding adds nothing to the loss", DIVIDED,
         "np.ones(mask.shape)[:, :, None] / mask.sum()"),
        ("it is divided by all T N places: by the words that count, mask.sum()", "mask.sum()", "mask.size"),
        ("it is divided by the captions N, as CS231n's assignment does: here by the words that count", "mask.sum()",
         "mask.shape[1]"),
        ("it is the sum over the words: divide by how many count", " / mask.sum()", ""),
        ("it is divided by the time steps: by the words that count", "mask.sum()", "len(mask)"),
        ("each caption has its own mean here: all words that count have one weight, 1 / mask.sum()", DIVIDED,
         "(mask / mask.sum(0) / mask.shape[1])[:, :, None]"),
        ("the mask is turned round: True is a word that counts", "mask[:, :, None]", "~mask[:, :, None]"),
        ("the loss is right, and padding still has a gradient: it is 0 there", f"weights * {BACK}",
         f"{BACK} / mask.sum()"),
        ("the loss is right, and its gradient is not divided by the words that count", f"weights * {BACK}",
         f"mask[:, :, None] * {BACK}"),
        ("the sign of the loss is turned: it is minus log p", f"return {LOSS}", f"return {LOSS[1:]}"),
        ("the sign of the gradient is turned: p - 1 at the target", BACK, "(hits - np.exp(log_p))"),
        ("the 1 at the target is missing in the gradient", BACK, "np.exp(log_p)"),
        ("only the target has a gradient: the other words have p", BACK, "(hits * (np.exp(log_p) - 1))"),
        ("the loss takes p: it takes log p", LOSS, "-(weights * hits * np.exp(log_p)).sum()"),
        ("log p of all words is added up: only the target's", LOSS, "-(weights * log_p).sum()"),
        ("e^y overflows with large logits: take the largest off first", "logits - logits.max(axis=2, keepdims=True)",
         "logits + 0.0"),
        ("softmax runs over the captions: over the words, the last axis", "np.exp(z).sum(axis=2, keepdims=True)",
         "np.exp(z).sum(axis=1, keepdims=True)"),
        ("softmax runs over the time steps: over the words, the last axis", "np.exp(z).sum(axis=2, keepdims=True)",
         "np.exp(z).sum(axis=0, keepdims=True)"),
        ("the loss is in bits: in nats, with the natural logarithm", LOSS, f"{LOSS} / np.log(2)"),
        *swap(loss=LOSS, dlogits=f"weights * {BACK}"),
    ),
)  # fmt: skip


def caption_step(tokens, h_prev, v, W_e, W_xh, W_hh, W_ih, b_h, W_hy, b_y):
    """One word on, with the picture v (N, D) at every step: tokens (N,), h_prev (N, H) -> logits (N, V), h (N, H)"""
    x = W_e[tokens]
    h = np.tanh(x @ W_xh + h_prev @ W_hh + v @ W_ih + b_h)
    return h @ W_hy + b_y, h


def _caption_step_case(rng, N, D, E, H, V):
    draw = rng.standard_normal
    states = {"tokens": rng.integers(V, size=N), "h_prev": draw((N, H)), "v": draw((N, D)), "W_e": draw((V, E))}
    weights = {"W_xh": draw((E, H)), "W_hh": draw((H, H)), "W_ih": draw((D, H)), "b_h": draw(H)}
    return states | {name: 0.5 * W for name, W in weights.items()} | {"W_hy": draw((H, V)), "b_y": draw(V)}


SUMMED, READ_OUT = "x @ W_xh + h_prev @ W_hh + v @ W_ih + b_h", "h @ W_hy + b_y"
CAPTION_STEP = Exercise(
    name="caption_step",
    statement="Write one step of a captioner: the word looked up, the picture at every step, tanh, the read-out.",
    reference=caption_step,
    case=_caption_step_case,
    results=("logits", "h"),
    hints=(
        "It is lesson 01's step with one term more. Which row of W_e belongs to each token?",
        "x = W_e[tokens]. Four summands stand before tanh: the word, the state, the picture, the bias.",
        "h = np.tanh(x @ W_xh + h_prev @ W_hh + v @ W_ih + b_h), and the logits are h @ W_hy + b_y.",
    ),
    wrong=mutants(
        caption_step,
        *drop_summands("before tanh", the__word="x @ W_xh", the__previous__state="+ h_prev @ W_hh",
                       the__picture="+ v @ W_ih", b_h="+ b_h"),
        *drop_summands("to h W_hy", b_y="+ b_y"),
        ("tanh is missing: the state is tanh of the sum", f"np.tanh({SUMMED})", SUMMED),
        ("the sigmoid stands where tanh belongs", f"np.tanh({SUMMED})", f"1 / (1 + np.exp(-({SUMMED})))"),
        ("ReLU stands where tanh belongs", f"np.tanh({SUMMED})", f"np.maximum({SUMMED}, 0)"),
        ("the picture is added behind tanh: it belongs into the sum", "+ v @ W_ih + b_h)", "+ b_h) + v @ W_ih"),
        ("b_h is added behind tanh: it belongs into the sum", "+ b_h)", ") + b_h"),
        ("the picture goes through a tanh of its own: it enters as v W_ih", "v @ W_ih", "np.tanh(v @ W_ih)"),
        ("the first picture stands in for all: each caption has its own", "v @ W_ih", "v[:1] @ W_ih"),
        ("the first state stands in for all: each caption has its own", "h_prev @ W_hh", "h_prev[:1] @ W_hh"),
        ("the read-out takes the previous state: the new one", f"return {READ_OUT}", "return h_prev @ W_hy + b_y"),
        ("the logits go through softmax: the loss does that", f"return {READ_OUT}",
         f"y = {READ_OUT}; y = np.exp(y) / np.exp(y).sum(1, keepdims=True); return y"),
        ("the logits go through tanh: they are scores of any size", f"return {READ_OUT}",
         f"return np.tanh({READ_OUT})"),
        ("the next token is returned: the scores of all words are asked for", f"return {READ_OUT}",
         f"return ({READ_OUT}).argmax(1)"),
        *transpose_weights("x @ W_xh", "h_prev @ W_hh", "v @ W_ih", "h @ W_hy"),
        ("the rows before are looked up, as if tokens began with 1: they begin with 0", "W_e[tokens]",
         "W_e[tokens - 1]"),
        ("every caption reads the first one's token", "W_e[tokens]", "W_e[tokens[:1]]"),
        *swap(logits=READ_OUT, h="h"),
    ),
)  # fmt: skip


EXERCISES = CAPTION_LOSS, CAPTION_STEP
