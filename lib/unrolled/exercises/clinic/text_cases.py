"""What is wrong with the programs of a character model."""

from itertools import islice

import numpy as np

from unrolled.data.tasks import echo
from unrolled.exercises.banks.text import pairs
from unrolled.exercises.clinic import text
from unrolled.exercises.clinic.case import Case
from unrolled.learning.optimizers import Adam

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
        "It ends where a sound lookup ends, or nearly: 200 letters a step leave each row enough to live on. A rare "
        "mistake of a frequent letter costs speed, and no curve shows lost speed.",
        ("repeated ids do not add up", "NumPy reads dW[tokens] once, and of equal ids the last one stays. np.add.at "
         "adds for every repeat."),
        {"the rows are mixed up": "Row v of dW depends on the token v alone, as it should be.",
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
        "It is smooth and ends near 0. So it would with any factor in front of the loss: look at where it begins.",
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
        "It does fall, by more than a tenth. But its first value is no guess among the symbols of this text.",
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
        "Its sister two cases ago was ill, and its curve looks the same from afar. It begins at another height.",
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
        "It learns quickly, and half of what was asked. A network that can carry a state has no reason to stall.",
        ("the state is not carried on", "The last state is thrown away, and each chunk begins with zeros. What stood "
         "in the chunk before is lost, although a network with a state could know it."),
        {GRADIENT: "Of each chunk it is right.", "the chunks are too short to learn from":
         "Truncation cuts the gradient. A lag of two fits into a chunk of four, and what is learnt there works across.",
         SOUND: LOOK},
    ),
    "lookup by letter": Case(
        "The lookup without np.add.at",
        "Letters of the tales are looked up in a table of vectors, and the next letter is predicted from that alone.",
        text.embedding_by_letter,
        (),
        text._train_embedding,
        text._embedding_arguments,
        "There are two ways to add for repeats: np.add.at, or a sum for each letter, written once.",
        "dW[token] = looks like the slip of the other lookup. But the loop goes over unique ids, and each row is "
        "written once, with a sum over all its places.",
        (SOUND, "np.unique names each letter once, and dy[tokens == token].sum(0) adds up all places where it stands. "
         "It is slow, and right."),
        {"repeated ids do not add up": "They do, in sum(0), before the row is written.",
         "letters that do not occur get no gradient": "They get zero, and that is their gradient.",
         "the gradient stands transposed": "It has the table's shape."},
    ),
    "what is predicted": Case(
        "Inputs and targets of a text",
        "The next letter is predicted from the present one: a table of pairs, learnt by gradient descent.",
        pairs,
        ("tokens[at + 1 : at + T + 1]", "tokens[at : at + T]"),
        text._train_pairs,
        lambda: (np.arange(10, 20), 3, 4),
        "It is too good to be true. No table of pairs predicts the next letter without an error.",
        "No curve of the clinic is finer. That is what speaks against it: hold it beside lesson 04's table of pairs.",
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
        "A held-out loss that falls and falls is what all of us hope for. Ask whether a table that knows each pair of "
        "letters by heart has earned it.",
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
        "It falls smoothly and comes to rest. At rest is not at the bottom: the noise of these points is lopsided.",
        ("each example is clipped, and the mean is taken afterwards", "Then the few large errors count as little as "
         "small ones, and the direction changes. Clip the mean: that keeps its direction."),
        {"the limit is too small": "A small limit makes it slow, and changes no direction.",
         "each number is clipped on its own": "The norm of a whole term is taken.", SOUND: LOOK},
    ),
    "held out, honestly": Case(
        "A curve that turns round",
        "A table for each pair of letters learns the text. The curve is its loss on the tenth that is held out.",
        text.split,
        (),
        text._train_split,
        lambda: (np.arange(20),),
        "It falls, turns, and climbs. That is what a held-out loss does when a large table learns a short text by "
        "heart.",
        "A curve that climbs looks ill. But this one says what happens: the table overfits, and the split shows it. "
        "The cure for overfitting is another program.",
        (SOUND, "The two parts share nothing, and together they are the text. The curve tells the truth, which is not "
         "what one hopes for: stop at its lowest point."),
        {"the test's part is learnt, too": "The cut is the end of one part and the beginning of the other.",
         "the learning rate is too large": "Then the loss of training would climb. This is the loss of new text.",
         "a letter is lost at the cut": "tokens[:cut] ends before cut, tokens[cut:] begins with it."},
    ),
    "ever slower": Case(
        "A learning rate that falls",
        "The learning rate falls in a straight line to 0 at step 80, and stays there until step 120.",
        text.rate,
        ("first * max(0, 1 - step / steps)", "first * (1 - step / steps)"),
        text._train_rate,
        lambda: (100, 10.0, 80),
        "It falls until step 80, and rises after it. Had training stopped at 80, nobody would know.",
        "Two thirds of it are as they should be. The last third is not, and what a curve does at its end counts most.",
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
        "Low is good as long as it is possible. The claim says how low that is, and the curve ends far below it.",
        ("every step has the same sequences", "The generator is made anew in the loop, with the same seed, and draws "
         "the same numbers. Eight sequences can be learnt by heart."),
        {"the targets can be seen in the inputs": "Those of two steps ago can, and should; the first two cannot.",
         GRADIENT: FINE, SOUND: LOOK},
    ),
}  # fmt: skip
