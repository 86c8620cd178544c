"""What is wrong with lesson 04's programs."""

from itertools import islice

import numpy as np

from unrolled.data.tasks import echo
from unrolled.exercises.clinic import text
from unrolled.exercises.clinic.case import Case
from unrolled.optimizers import Adam

SOUND = "nothing is wrong with it"
GRADIENT = "a gradient is wrong"
LOOK = "Look at what the tests say."
FINE = "gradcheck finds nothing here: the gradient is that of what is computed. It is not what was meant."


def _two_chunks():
    chunks = list(islice(echo(np.random.default_rng(1), 2, 4, 2), 2))
    return text.echo_loss, text.echo_parameters(), chunks, np.zeros((2, text.H)), Adam(1e-9)


CASES = {
    "lookup": Case(
        "The lookup and its way back",
        "Letters of the tales are looked up in a table of vectors, and the next letter is predicted from that alone.",
        text.embedding,
        ("np.add.at(dW, tokens, dy)", "dW[tokens] += dy"),
        text._train_embedding,
        text._embedding_arguments,
        "Each row still gets a gradient, of one of the places where its letter stood. On average it points downhill.",
        ("repeated ids do not add up", "NumPy reads dW[tokens] once, and of equal ids the last one stays. "
         "np.add.at adds for every repeat."),
        {"the rows are mixed up": "Row v of dW hears of the token v alone, as it should be.",
         "the gradient stands transposed": "It has the table's shape.",
         SOUND: LOOK},
    ),
    "mean with a mask": Case(
        "The loss of sequences of many lengths",
        "Sequences of 1 to 10 symbols that count stand in a batch of 12 steps. The loss is the mean of the steps that "
        "count.",
        text.masked_loss,
        ("ops.sum(nats * mask) / mask.sum()", "ops.mean(nats * mask)"),
        text._train_masked,
        text._masked_arguments,
        "It starts below ln 4, the loss of a guess. An untrained network cannot know that much.",
        ("the mean is over the padding, too", "The sum is right, because the mask is 0 in the padding. But it is "
         "divided by all steps. So the loss says how much padding there is, and cannot be compared with anything."),
        {GRADIENT: FINE, "the mask is turned round": "Steps that count have a 1, and add their nats.",
         SOUND: LOOK},
    ),
    "which axis": Case(
        "Softmax, by hand",
        "A row of scores for each of 200 letters; softmax makes probabilities of them; the loss is -log p of the "
        "letter that came.",
        text.probabilities,
        ("axis=1", "axis=0"),
        text._train_softmax,
        text._softmax_arguments,
        "It starts at ln 200, with 200 letters in the batch. A guess among the symbols would cost ln V.",
        ("softmax is over the batch, not over the symbols", "A column adds up to 1 here, not a row. The rows of a "
         "batch compete for each symbol, and the network learns who else is in the batch."),
        {GRADIENT: FINE, "e^y overflows": "These scores are small. It is a danger, not what is wrong here.",
         SOUND: LOOK},
    ),
    "sound loss": Case(
        "The loss of sequences of many lengths, again",
        "The loss is the mean of the steps that count.",
        text.masked_loss,
        (),
        text._train_masked,
        text._masked_arguments,
        "It starts near ln 4, the loss of a guess, as an untrained network should.",
        (SOUND, "Padding changes nothing, the gradient is right, and the loss starts where a guess is."),
        {"the mean is over the padding, too": "It is divided by mask.sum(), the steps that count.",
         GRADIENT: LOOK, "the mask is turned round": "Steps that count have a 1, and add their nats."},
    ),
    "chunk by chunk": Case(
        "A long stream, in chunks of four",
        "The network must say the bit of two steps ago, in a stream that never ends. It reads four steps at a time.",
        text.read_on,
        ("(L, h), grads", "(L, _), grads"),
        text._train_stream,
        _two_chunks,
        "It stalls at half of ln 2: of four answers in a chunk it knows two, and guesses two.",
        ("the state is not carried on", "The last state is thrown away, and each chunk begins with zeros. What stood "
         "in the chunk before is lost, although a network with a state could know it."),
        {GRADIENT: "Of each chunk it is right.", "the chunks are too short to learn from":
         "Truncation cuts the gradient. A lag of two fits into a chunk of four, and what is learnt there works across.",
         SOUND: LOOK},
    ),
    "what is predicted": Case(
        "Inputs and targets of a text",
        "The next letter is predicted from the present one: a table of pairs, learnt by gradient descent.",
        text.pairs,
        ("tokens[at + 1 : at + T + 1]", "tokens[at : at + T]"),
        text._train_pairs,
        lambda: (np.arange(10, 20), 3, 4),
        "It is too good to be true. No table of pairs predicts the next letter without an error.",
        ("the targets are the inputs", "It learns to say the letter that it sees, and that is easy. The targets must "
         "be one place on."),
        {"the inputs are one place late": "They begin at `at`.", GRADIENT: FINE, SOUND: LOOK},
    ),
    "held out": Case(
        "A text to learn from, a text to test with",
        "A table for each pair of letters learns the text. The curve is its loss on the tenth that is held out.",
        text.split,
        ("tokens[:cut], tokens[cut:]", "tokens, tokens[cut:]"),
        text._train_split,
        lambda: (np.arange(20),),
        "The loss on new text must rise again when a large table learns 1,800 letters by heart. This one only falls.",
        ("the test's part is learnt, too", "The first part is the whole text, its end included. The test asks for what "
         "was learnt by heart, and says nothing about new text."),
        {"the test's part is too short": "A tenth is usual. It is noisy, but it is honest.", GRADIENT: FINE,
         SOUND: LOOK},
    ),
    "clip and add": Case(
        "A gradient with a seat belt",
        "A line through 256 points, by gradient descent. Where the gradient is longer than 1, it is shortened to 1.",
        text.clipped,
        ("mean = np.mean(terms, axis=0)\n    return mean * min(1, limit / np.linalg.norm(mean))",
         "short = [term * min(1, limit / np.linalg.norm(term)) for term in terms]\n    return np.mean(short, axis=0)"),
        text._train_clipped,
        text._clipped_arguments,
        "It falls, to a place that is not the best. Without knowing the best, nobody can see that in the curve.",
        ("each example is clipped, and the mean is taken afterwards", "Then the few large errors count as little as "
         "small ones, and the direction changes. Clip the mean: that keeps its direction."),
        {"the limit is too small": "A small limit makes it slow, and changes no direction.",
         "each number is clipped on its own": "The norm of a whole term is taken.", SOUND: LOOK},
    ),
    "ever slower": Case(
        "A learning rate that falls",
        "The learning rate falls in a straight line to 0 at step 80, and stays there until step 120.",
        text.rate,
        ("first * max(0, 1 - step / steps)", "first * (1 - step / steps)"),
        text._train_rate,
        lambda: (100, 10.0, 80),
        "It falls until step 80, and rises after it. Had training stopped at 80, nobody would know.",
        ("after step 80 the learning rate is negative", "The line goes on below 0, and from there on each step climbs. "
         "A rate must be checked at the end, too."),
        {"it overfits": "Each step has new letters of the same text; and this is the loss of training.",
         GRADIENT: FINE, SOUND: LOOK},
    ),
    "always something new": Case(
        "New sequences for every step",
        "The network must say the symbol of two steps ago. Of eight symbols the first two targets cannot be known, so "
        "no loss below a quarter of ln 4 = .35 is honest.",
        text.batches,
        ("    rng = np.random.default_rng(seed)\n    while True:\n",
         "    while True:\n        rng = np.random.default_rng(seed)\n"),
        text._train_batches,
        lambda: (1,),
        "It goes below what can be known. Then it was not known, but learnt by heart.",
        ("every step has the same sequences", "The generator is made anew in the loop, with the same seed, and draws "
         "the same numbers. Eight sequences can be learnt by heart."),
        {"the targets can be seen in the inputs": "Those of two steps ago can, and should; the first two cannot.",
         GRADIENT: FINE, SOUND: LOOK},
    ),
}  # fmt: skip
