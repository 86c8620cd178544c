"""What is predicted from what, the state between chunks, the counting model, nats and bits."""

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


def pairs(tokens, at, T):
    """The chunk of T inputs from `at` on, and what each of them must predict: -> inputs (T,), targets (T,)"""
    return tokens[at : at + T], tokens[at + 1 : at + T + 1]


def _pairs_case(rng, case, T):
    return {"tokens": rng.permutation(case + T + 5), "at": case + 1, "T": T}


CHUNK = "tokens[at : at + T], tokens[at + 1 : at + T + 1]"
PAIRS = Exercise(
    name="pairs",
    statement="Cut a chunk of T inputs from a text, from the place `at` on, and the T targets that belong to them.",
    reference=pairs,
    case=_pairs_case,
    results=("inputs", "targets"),
    kinds=dict.fromkeys(("inputs", "targets"), ("iu", "they are looked up, and only whole numbers can be an index")),
    hints=(
        "After each token, which one should the network say?",
        "The target of a token is the token behind it. So the targets are the same text, one place on.",
        "tokens[at : at + T], and the same with 1 added on both sides of the colon.",
    ),
    wrong=mutants(
        pairs,
        ("the targets are the inputs: a network that copies has nothing to learn; take the next token", CHUNK,
         "tokens[at : at + T], tokens[at : at + T]"),
        ("the targets are two places on: one place", CHUNK, "tokens[at : at + T], tokens[at + 2 : at + T + 2]"),
        ("inputs and targets have changed places: it would learn to read backwards", CHUNK,
         "tokens[at + 1 : at + T + 1], tokens[at : at + T]"),
        ("the target is the token before: take the next", CHUNK,
         "tokens[at : at + T], tokens[np.maximum(np.arange(at, at + T) - 1, 0)]"),
        ("both are one place late: the inputs begin at `at`", CHUNK,
         "tokens[at + 1 : at + T + 1], tokens[at + 2 : at + T + 2]"),
        ("the last target is missing: T inputs have T targets", CHUNK, "tokens[at : at + T], tokens[at + 1 : at + T]"),
        ("the last pair is missing: there are T", CHUNK, "tokens[at : at + T - 1], tokens[at + 1 : at + T]"),
        ("there is one input too many: there are T", CHUNK,
         "tokens[at : at + T + 1], tokens[at + 1 : at + T + 2]"),
        ("`at` counts chunks here: it is a place in the text", CHUNK,
         "tokens[(a := at * T) : a + T], tokens[a + 1 : a + T + 1]"),
        ("the chunk begins at 0: it begins at `at`", CHUNK, "tokens[:T], tokens[1 : T + 1]"),
        ("the targets wrap round within the chunk: the last one stands behind it", CHUNK,
         "tokens[at : at + T], np.roll(tokens[at : at + T], -1)"),
        ("the targets are the next chunk: they are one place on, not T", CHUNK,
         "tokens[at : at + T], tokens[at + T : at + 2 * T]"),
        ("the last target is filled with 0: it is the token behind the chunk", CHUNK,
         "tokens[at : at + T], np.append(tokens[at + 1 : at + T], 0)"),
        ("the targets stand in the wrong order, from the last to the first", CHUNK,
         "tokens[at : at + T], tokens[at + 1 : at + T + 1][::-1]"),
    ),
)  # fmt: skip


def in_chunks(xs, h0, W_xh, W_hh, b_h, k):
    """All states of a text that is read k steps at a time, with the state carried on: xs (T, N, D) -> hs (T, N, H)"""
    h, parts = h0, []
    for t in range(0, len(xs), k):
        hs = rnn(xs[t : t + k], h, W_xh, W_hh, b_h)
        h = hs[-1]
        parts.append(hs)
    return np.concatenate(parts)


def _chunks_case(rng, N, D, H, k):
    draw = rng.standard_normal
    weights = {"W_xh": draw((D, H)), "W_hh": draw((H, H)), "b_h": draw(H)}
    return {"xs": draw((2 * k + 1, N, D)), "h0": draw((N, H))} | weights | {"k": k}


IN_CHUNKS = Exercise(
    name="in_chunks",
    statement="Read a text k steps at a time with rnn(xs, h0, W_xh, W_hh, b_h), such that the cuts change no state.",
    reference=in_chunks,
    case=_chunks_case,
    results=("hs",),
    hints=(
        "What does the network know at the beginning of the second chunk, if the text was never cut?",
        "The state after a chunk is the one with which the next begins.",
        "In the loop: hs = rnn(xs[t : t + k], h, W_xh, W_hh, b_h), then h = hs[-1]. Join the parts at the end.",
    ),
    wrong=mutants(
        in_chunks,
        ("the state is not carried: each chunk begins with the last state of the one before", "h = hs[-1]", "h = h0"),
        ("each chunk begins with zeros: it begins with the last state of the one before", "h = hs[-1]", "h = 0 * h0"),
        ("the first chunk begins with zeros: it begins with h0", "h, parts = h0", "h, parts = 0 * h0"),
        ("the first state of a chunk is carried: the last one", "hs[-1]", "hs[0]"),
        ("the mean state of a chunk is carried: the last one", "hs[-1]", "hs.mean(0)"),
        ("the sign of the carried state is turned", "h = hs[-1]", "h = -hs[-1]"),
        ("the carried state goes through tanh once more", "h = hs[-1]", "h = np.tanh(hs[-1])"),
        ("the next chunk takes the first row's state for every row", "h = hs[-1]", "h = hs[-1][:1] + 0 * h0"),
        ("the last, shorter chunk is left out: all T steps are read", "range(0, len(xs), k)",
         "range(0, len(xs) - k + 1, k)"),
        ("the last chunk is left out, however long it is: all T steps are read", "range(0, len(xs), k)",
         "range(0, len(xs) - k, k)"),
        ("the first chunk alone is read: all T steps are", "range(0, len(xs), k)", "range(0, 1)"),
        ("the chunks overlap by one step: the next begins where the last one ended", "xs[t : t + k]",
         "xs[t : t + k + 1]"),
        ("the last step of each chunk is left out", "xs[t : t + k], h", "xs[t : t + max(k - 1, 1)], h"),
        ("the parts stand in the wrong order, the last first", "np.concatenate(parts)", "np.concatenate(parts[::-1])"),
        ("only the last state of each chunk is kept: all T are asked for", "parts.append(hs)", "parts.append(hs[-1:])"),
        ("every chunk reads the beginning of the text again", "xs[t : t + k]", "xs[:k][: len(xs) - t]"),
        ("h0 stands among the states: they are those after each input", "parts = h0, []", "parts = h0, [h0[None]]"),
    ),
)  # fmt: skip


def witten_bell(counts, shorter):
    """c(s k) of each k (V,), and p(k | s') of the shorter context (V,) -> p(k | s) (V,)"""
    n, t = counts.sum(), (counts > 0).sum()
    if n == 0:
        return shorter
    return (counts + t * shorter) / (n + t)


def _witten_bell_case(rng, case):
    """In the third case the context was never seen."""
    counts, p = rng.integers(2, 6, case + 6), rng.random(case + 6) + 0.1
    counts[1:6] = 0, 0, 0, 1, 1
    return {"counts": counts * (case != 3), "shorter": p / p.sum()}


WB = "(counts + t * shorter) / (n + t)"
WITTEN_BELL = Exercise(
    name="witten_bell",
    statement="Write Witten and Bell's p(k | s), of the counts c(s k) and the shorter context's probabilities.",
    reference=witten_bell,
    case=_witten_bell_case,
    results=("p",),
    hints=(
        "t(s) is how many different characters followed s: how many of the counts are not 0?",
        "(c(s k) + t p(k | s')) / (n + t), with n = c(s), the sum of the counts. And where nothing followed s?",
        "n, t = counts.sum(), (counts > 0).sum(); where n is 0, the shorter context's probabilities are the answer.",
    ),
    wrong=mutants(
        witten_bell,
        ("the shorter context is left out: an unseen character would have the probability 0", WB, "counts / n"),
        ("one is added to each count, Laplace's way: Witten and Bell add t times the shorter context's p", WB,
         "(counts + 1) / (n + len(counts))"),
        ("t is missing in the divisor: the probabilities add up to 1 with n + t", "(n + t)", "n"),
        ("t is missing in front of the shorter context's p", "t * shorter", "shorter"),
        ("t counts all characters: only those that followed s", "(counts > 0).sum()", "len(counts)"),
        ("t counts the characters that did not follow s: those that did", "(counts > 0)", "(counts == 0)"),
        ("t counts the characters seen once: all that were seen", "(counts > 0)", "(counts == 1)"),
        ("t is n, half and half: it is the number of different characters", "t = counts.sum(), (counts > 0).sum()",
         "t = counts.sum(), counts.sum()"),
        ("t is 1: it is the number of different characters", "(counts > 0).sum()", "1"),
        ("the shorter context is used for unseen characters alone: it is added to all", WB,
         "np.where(counts > 0, counts, t * shorter) / (n + t)"),
        ("the shorter context's p is replaced by 1/V", "t * shorter", "t / len(shorter)"),
        ("the weights have changed places: n goes with the counts' share, t with the shorter context", WB,
         "(t * counts / n + n * shorter) / (n + t)"),
        ("a context that was never seen gives 0/0: there the shorter context's p is the answer", "if n == 0",
         "if n < 0"),
        ("unseen characters alone take the shorter context's p, and all is divided by the sum: it is added to all", WB,
         "(q := np.where(counts > 0, counts, t * shorter)) / q.sum()"),
        ("one is added to each count, also in a context that was never seen: there p is the shorter one's", WB,
         "(counts + 1) / (n + len(counts))", "if n == 0", "if n < 0"),
        ("a context that was never seen gives 1/V: there the shorter context's p is the answer", "return shorter\n",
         "return np.ones(len(shorter)) / len(shorter)\n"),
        ("a context that was never seen gives 0: there the shorter context's p is the answer", "return shorter\n",
         "return 0 * shorter\n"),
    ),
)  # fmt: skip


def bits(nats, n):
    """nats per character, of a text of n characters -> its bits"""
    return nats * n / np.log(2)


BITS = Exercise(
    name="bits",
    statement="A model costs so many nats per character. How many bits is a text of n characters?",
    reference=bits,
    case=lambda rng, n: {"nats": rng.uniform(1, 2), "n": n},
    results=("bits",),
    hints=(
        "One bit is ln 2 nats, about 0.69. So a text has more bits than nats.",
        "First the nats of all n characters, then divide.",
        "nats * n / np.log(2)",
    ),
    wrong=mutants(
        bits,
        ("it multiplies with ln 2: one bit is ln 2 nats, so divide", "/ np.log(2)", "* np.log(2)"),
        ("these are nats: divide by ln 2", " / np.log(2)", ""),
        ("these are the bits of one character: multiply with n", "nats * n", "nats"),
        ("these are the bits of a character, divided among n: multiply with n", "nats * n", "nats / n"),
        ("the logarithm of the nats is taken: divide them by ln 2", "nats * n / np.log(2)", "n * np.log2(nats)"),
        ("it divides by 2: one bit is ln 2 nats", "np.log(2)", "2"),
        ("it divides by log10(2): one bit is ln 2 nats", "np.log(2)", "np.log10(2)"),
        ("it divides by 8, which gives bytes: divide by ln 2", "/ np.log(2)", "/ np.log(2) / 8"),
        ("it takes 2 to the nats, a perplexity: divide the nats by ln 2", "nats * n / np.log(2)", "n * 2**nats"),
        *((f"{number} stands for ln 2: take np.log(2)", "np.log(2)", number) for number in ("0.7", "0.69", "0.693")),
        ("it takes e to the nats, the perplexity: divide the nats by ln 2", "nats * n / np.log(2)", "n * np.exp(nats)"),
    ),
)  # fmt: skip

EXERCISES = PAIRS, IN_CHUNKS, WITTEN_BELL, BITS
