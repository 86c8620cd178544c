"""What is wrong with the whole programs, if anything. They stand in programs/, one a module, without their bugs."""

from unrolled.exercises.clinic import programs
from unrolled.exercises.clinic.case import SOUND, Program

LOOK = "Try the functions on data whose result you know."


def _program(title, module, bug, curve, tempting, diagnosis, others, **more):
    claim = module.__doc__.strip()
    return Program(title, claim, module, bug, _train, tuple, curve, tempting, diagnosis, others, **more)


def _train(program):
    return program.train()


CASES = {
    "reshape": _program(
        "Windows of the tales",
        programs.windows,
        ("inputs.T, targets.T", "inputs.reshape(T, N), targets.reshape(T, N)"),
        "It ends near 2.4 nats. The best table of the letter before costs 2.24, and it reads one letter only. A "
        "network that reads more should do better.",
        "The loss falls by half. Each target still stands in the place of its input, so there is something to learn.",
        ("reshape stands where a transpose belongs", "reshape keeps the order of the numbers and cuts it in other "
         "places. Input and target still fit, but the letter above another in a column is not the one before it."),
        {"inputs and targets are the same letters": "They are one place apart: windows[:, :-1] and windows[:, 1:].",
         "the state must go on from batch to batch": "Each window comes from a place of its own: zeros are right.",
         SOUND: LOOK},
    ),
    "column against column": _program(
        "The largest number",
        programs.largest,
        (),
        "It ends below .027, the variance of the largest of four, so it says more than one number. No curve proves the "
        "rest.",
        "It moves up and down, as the loss of 32 sequences does.",
        (SOUND, "The numbers are (T, N, 1), so the largest are (N, 1), and so is what the network says. Subtracted are "
         "two columns of the same length."),
        {"(N,) is subtracted from (N, 1)": "max(axis=0) of (T, N, 1) is (N, 1).",
         "the largest is taken over the batch": "axis 0 is the time, and one number for each sequence is left.",
         "only the last state is used": "That is what the task asks: one answer after the last number."},
        loss="mean square error",
    ),
    "best": _program(
        "The best weights are kept",
        programs.keep_the_best,
        ("W.copy(), loss", "W, loss"),
        "The curve is the loss of the best weights so far. Such a curve cannot climb, and this one does.",
        "A held-out loss turns round when a table learns by heart. But the claim is about the weights that are kept.",
        ("best and W are the same array", "W -= … writes into the array, and best is another name for it. So what is "
         "kept is the last table, not the best. W.copy() keeps the best, and so does W = W - …"),
        {"it overfits, and that is all": "It does; and the best weights, from before that, should have been kept.",
         "the held-out text is learnt, too": "split gives two parts of the text, and dW comes from the first.",
         SOUND: "Can the lowest loss so far rise?"},
    ),
    "softmax twice": _program(
        "Which came first?",
        programs.first_symbol,
        ("import numpy as np\n\n", "import numpy as np\n\nfrom unrolled.autodiff import ops\n",
         'return linear(hs[-1], **params["readout"])', 'return ops.softmax(linear(hs[-1], **params["readout"]))'),
        "It stops at .744, far above 0, and stays there. Which number is that?",
        "It falls smoothly and comes to rest at half of what a guess costs, so the task may be hard. It is the task "
        "to remember one of four symbols for three steps.",
        ("softmax is taken twice", "cross_entropy takes scores and makes probabilities of them. Here it gets "
         "probabilities: between 0 and 1, so the right symbol gets at most e / (e + 3), and the loss stays above "
         "ln(e + 3) - 1 = .744."),
        {"the gradient vanishes before it reaches the first symbol": "Four steps are few; and then the loss would stay "
         "at a guess, ln 4 = 1.39.",
         "the learning rate is too small": "Then it would fall on, below .744.", SOUND: "What is the lowest loss "
         "that cross_entropy can give here?"},
    ),
    "columns at once": _program(
        "Windows of the tales, again",
        programs.windows_by_steps,
        (),
        "It falls below 2.24 nats, what the best table of the letter before costs. So it uses more than that letter. "
        "No curve proves the rest.",
        "Two transposes of the first program are missing here. But look at what the index makes.",
        (SOUND, "places (N,) + steps (T + 1, 1) is (T + 1, N): each column counts on from its own place. No transpose "
         "is needed."),
        {"a transpose is missing": "The index has the steps in its rows, so a window is a column already.",
         "the first letter of each window is never predicted": "No. And it should not be: nothing stands before it.",
         "the state must go on from batch to batch": "The next batch begins at other places: zeros are right."},
    ),
    "stream": _program(
        "A stream of bits",
        programs.stream,
        ("rows = stream.reshape(N, CHUNKS, T)\n    return rows.transpose(1, 2, 0)",
         "rows = stream.reshape(CHUNKS, N, T)\n    return rows.transpose(0, 2, 1)"),
        "It rests near .56. Two steps of memory are few, and a right network comes to 0.",
        "It falls, and a longer training might help. But it has come to rest after fifty of 200 steps.",
        ("the rows of a chunk do not go on in the next", "Here a chunk is the next N T bits, cut into N rows. So what "
         "stands before row n is row n - 1 of the same chunk, and the state that is carried on comes from elsewhere. "
         "Half of the answers are a guess, and it cannot tell which: right in 3 of 4 costs ln 4 - ¾ ln 3 = .56."),
        {"the state is not carried on": "It is. With zeros in each chunk the network would know where a chunk begins, "
         "and rest at half of ln 2 = .35.",
         "np.roll puts bits of the end at the beginning": "It does so with the first two of them. They are 2 of 25600.",
         SOUND: LOOK},
    ),
    "detach": _program(
        "The tape, by hand",
        programs.by_hand,
        ("targets), hs[-1].value", "targets), hs[-1]"),
        "The curve is as good as any. But the first lines claim more than a low loss.",
        "It learns the task to the end. But the first lines claim more than that.",
        ("the state is carried on with its history", "hs[-1] is a Var, and its record leads to all earlier chunks. So "
         "every backward pass walks to the first chunk, and each step takes longer than the last. .value "
         "leaves the tape, as detach does in PyTorch. Without it PyTorch stops with an error at the second backward."),
        {"the gradients of earlier steps are added up": "weight.grad is set to None after each step.",
         "the weights are changed while the tape still needs them": "weight.value = … makes a new array. The tape "
         "keeps the old one.",
         SOUND: "Count the records that the loss depends on, from chunk to chunk."},
    ),
    "rows": _program(
        "The tales in rows",
        programs.rows,
        (),
        "It falls below 2.24 nats, what the best table of the letter before costs. So it uses more than that letter. "
        "No curve proves the rest: with zeros for the state in each chunk it would fall below 2.24, too.",
        "The letters of two chunks overlap by one, and the state seems to see it twice. Is the last row of a chunk "
        "an input, or a target?",
        (SOUND, "T + 1 letters give T inputs and T targets. The last letter is a target only, so in the next chunk it "
         "comes as an input, for the first time. The state belongs to the same row, and value_and_grad hands it on as "
         "a plain array."),
        {"a letter is read twice": "The last of a chunk is a target; it is read in the next chunk, once.",
         "the state is carried on with its history": "What value_and_grad returns beside the loss (has_aux, lesson 02) "
         "is a plain array.",
         "the rows of a chunk do not go on in the next": "places + T: each row goes on where it ended."},
    ),
    "broadcast": _program(
        "The sum of some numbers",
        programs.sums,
        ("said[:, 0] - sums", "said - sums"),
        "It comes to rest near .67. That is 8/12, the variance of a sum of eight such numbers: what it costs to say "
        "the mean always.",
        "It falls to a fifteenth. Then it rests where a constant answer would.",
        ("(N,) is subtracted from (N, 1)", "NumPy makes (N, N) of it: every answer minus every sum. The best answer to "
         "all sums at once is their mean, so the network stops listening."),
        {"the gradient vanishes over eight steps": "Even a right answer costs more than 0 here: try one. The loss is "
         "wrong, before any gradient.",
         "the sum is taken over the batch": "axis 0 is the time, and N sums are left.",
         SOUND: "Give it right answers: the loss must be 0."},
        loss="mean square error",
    ),
    "shuffled": _program(
        "Windows, held out",
        programs.held_out,
        ("    cut = 9 * len(tokens) // 10\n    return windows(rng, tokens[:cut]), windows(rng, tokens[cut:])",
         "    everything = windows(rng, tokens)\n    cut = 9 * len(everything) // 10\n"
         "    return everything[:cut], everything[cut:]"),
        "The loss on new text rises again when a large table learns 1,800 letters by heart. This one ends near its "
        "lowest.",
        "A held-out loss should fall. But this table is large, and learns the text by heart. Why does it not get worse "
        "on new text?",
        ("what is held out is learnt, too", "Windows overlap: of those that begin one letter earlier or later, most "
         "are learnt. Where neighbours overlap, shuffling comes after the cut."),
        {"a window is drawn twice": "permutation gives each window once.",
         "the tenth is too short": "It is noisy, and that makes no loss too low.",
         SOUND: "Call split with np.arange in place of the text, and compare its two parts."},
    ),
    "tied": _program(
        "Six tied layers",
        programs.tied,
        ('options["tied"]', 'options.get("tie_layers")'),
        "It learns the task, and sooner than a right one does. The first lines claim more than a low loss: they say "
        "how many weights there are.",
        "It learns the task to the end. But the first lines claim more than that.",
        ("no layer is tied", 'options says "tied", and "tie_layers" is read. get finds no such name, gives None, and '
         "raises no error. So each layer has weights of its own, six times as many, and learns sooner for it: nobody "
         'goes to look. options["tied"] would have stopped at a wrong name.'),
        {"six layers share one state": "Each has a state of its own, from zeros on. They share weights alone.",
         "a shared weight gets its gradient six times": "It gets the sum over all six places, as it gets that over all "
         "steps. That is right.",
         SOUND: "Count the weights, with one layer and with six."},
    ),
}  # fmt: skip
