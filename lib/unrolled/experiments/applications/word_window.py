"""Card 1's rule by a window of a few words that is slid along an opinion: one hidden layer, the same at each place."""

from unrolled.autodiff import ops
from unrolled.data import opinions
from unrolled.experiments.applications import ends, speech
from unrolled.layers.dense import embedding
from unrolled.layers.initializers import gaussian
from unrolled.layers.losses import cross_entropy


def init(rng, V, words, *, E, parameters):
    """Vectors of the words, and a hidden layer of so many weights behind those of a window."""
    vectors = gaussian(rng, (V, E), 0.5, dtype=ends.DTYPE)
    return {"words": vectors} | ends.init_hidden(rng, words * E, 2, parameters)


def logits(params, texts, words):
    """Texts -> good or bad (N, 2), pooled over all places."""
    found, inside = speech.slide(texts.tokens, texts.lengths, words)
    vectors = embedding(found, params["words"])  # (P, N, words, E)
    rows = ops.reshape(vectors, shape=(*found.shape[:2], words * vectors.shape[-1]))
    return speech.pool(ends.through_hidden(params, rows), inside)


def measure(rng, words, *, E, parameters, N, test_size, **how):
    """Shares of right answers about opinions, at the step that is best on validation."""
    held = opinions.draw(rng, test_size)
    params = init(rng, len(opinions.WORDS), words, E=E, parameters=parameters)
    loss = lambda params, texts: cross_entropy(logits(params, texts, words), texts.targets)
    score = lambda params, texts=held: ends.right(logits(params, texts, words), texts.targets)
    params, validation, _ = ends.learn(loss, params, lambda: (opinions.draw(rng, N),), score, **how)
    return {"validation": validation, "test": score(params, opinions.draw(rng, test_size))}
