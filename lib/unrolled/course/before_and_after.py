"""Ten questions for the first hour of the course and for its last: {what it is about: the arguments of `predict`}."""

QUESTIONS = {
    "one weight, many uses": {
        "question": "A recurrent network uses one weight matrix at each of five steps. What is the matrix's gradient "
        "after the backward pass?",
        "choices": {
            "the term of the last step": "The last step is one use of five. Each of them moves the loss.",
            "a sum of five terms": "Each step that used it adds a term, as for any value that is used five times.",
            "five gradients, one a step": "One matrix has one gradient. Five copies would have five, and drift apart.",
            "a mean of five terms": "A mean comes from a loss that is a mean. The uses of one value add.",
        },
        "answer": "a sum of five terms",
    },
    "what reaches a state": {
        "question": "On the way back through time, what makes the gradient of the state $h_t$?",
        "choices": {
            "what the loss of step t says": "Later losses depend on $h_t$ as well, for it went into step t + 1.",
            "what step t + 1 hands back": "That is what the later losses say. The loss of step t reads $h_t$ itself.",
            "the product of these two": "Along one path factors multiply. These are two paths.",
            "the sum of these two": "$h_t$ was used by the output and by step t + 1. Where uses meet, gradients add.",
        },
        "answer": "the sum of these two",
    },
    "the border of a chunk": {
        "question": "A text is read in chunks of 25 characters; each starts with the last state of the one before. "
        "A letter in chunk 1 matters in chunk 2. What is true of it?",
        "choices": {
            "chunk 2 can use it; its loss cannot correct how it was stored": "The state is carried over the border. "
            "The way back ends there.",
            "chunk 2 can neither use it nor correct how it was stored": "It starts with the state that has read it.",
            "chunk 2 can use it, and its loss can correct how it was stored": "The way back from chunk 2 ends at its "
            "first step: the steps that stored the letter hear nothing of it.",
            "chunk 2 cannot use it; its loss corrects how it was stored": "It is the other way round: the state goes "
            "over the border, the gradient does not.",
        },
        "answer": "chunk 2 can use it; its loss cannot correct how it was stored",
    },
    "what clipping does": {
        "question": "A network does not learn from 50 steps ago: the gradient from there has vanished. "
        "What does clipping by norm do for that part?",
        "choices": {
            "it helps, with a low threshold": "All is cut by one factor: what is far stays as small beside the rest.",
            "it helps, with a high threshold": "A threshold above the gradient's length changes nothing at all.",
            "nothing": "It shortens, near and far alike. It keeps a step in bounds where a gradient explodes.",
            "it lengthens the far part": "It lengthens nothing, and it cannot tell the far part from the near one.",
        },
        "answer": "nothing",
    },
    "why the cell adds": {
        "question": "The state of a tanh RNN goes through $W_{hh}$ and tanh at each step; the cell of an LSTM is added "
        "to. What does that buy on the way back?",
        "choices": {
            "the gradient cannot vanish any more": "It can: f is below 1, and a hundred factors multiply.",
            "along the cell there is one factor and no matrix": "Straight from $c_t$ to $c_{t-1}$ the factor is f.",
            "the gradient stays between −1 and 1": "Nothing bounds it: by way of h it still goes through matrices.",
            "every gradient arrives whole, at any distance": "Only with f = 1.",
        },
        "answer": "along the cell there is one factor and no matrix",
    },
    "three gates": {
        "question": "One unit of an LSTM has to keep a number for 50 steps, and to hide it until then. "
        "Its gates in the meantime?",
        "choices": {
            "f near 0, i near 0, o near 0": "f is what stays. At 0 the number is gone after one step.",
            "f near 1, i near 1, o near 0": "It keeps the number, and adds something to it at every step.",
            "f near 1, i near 0, o near 1": "It keeps the number, and shows it all the time.",
            "f near 1, i near 0, o near 0": "It keeps, writes nothing and shows nothing.",
        },
        "answer": "f near 1, i near 0, o near 0",
    },
    "where a translator looks": {
        "question": "A network translates a time of day, and says the hour right. Its highest attention weight "
        "lies on another word than the hour's. What does that tell you?",
        "choices": {
            "that it was lucky": "Lesson 11 has networks that are right every time, and look like that.",
            "that it did not need the word of the hour": "Nothing else says the hour. But it may be read elsewhere.",
            "not where the hour was read": "A weight says which state was mixed in. That state has read other words, "
            "too.",
            "that the hour was read where the weight is highest": "It may be. But a smaller weight on the hour's own "
            "word may have brought it, and the weights alone do not say which.",
        },
        "answer": "not where the hour was read",
    },
    "too good": {
        "question": "A language model names the next character, and reads in both directions. On held-out text its "
        "loss is far below every other model's. What is the likeliest reason?",
        "choices": {
            "it reads the next character": "It stands in the input: the direction from the right has read it.",
            "it understands more": "It has read more, and what it must say is part of that.",
            "it has learnt this text by heart": "The text was held out, so it was never there to be learnt.",
            "this text is easy": "Then it would be easy for the others, too.",
        },
        "answer": "it reads the next character",
    },
    "is it good?": {
        "question": "Your captioner has a BLEU-1 of 0.4 (roughly: 4 of 10 words stand in the right caption). "
        "What do you ask first?",
        "choices": {
            "whether that is above one half": "No score is high or low by itself.",
            "what a captioner scores that sees no picture": "Words that stand in every caption score without a look.",
            "what its loss is at the end of the training": "A loss needs something beside it as much as a score does.",
            "what the BLEU-1 of a much larger network is": "That says what size buys, not what the pictures bring.",
        },
        "answer": "what a captioner scores that sees no picture",
    },
    "a year late": {
        "question": "You plot a forecast of the sunspots over the true numbers. The two curves look alike, but the "
        "forecast is a year late. What do you compare its error with first?",
        "choices": {
            "with nothing: the curves agree": "The true curve drawn a year late agrees as well, and forecasts nothing.",
            "with its own error on the training years": "That says what it has learnt by heart, not what it is worth.",
            "with that of the mean of all years": "The mean ignores last year. This forecast plainly uses it.",
            "with that of “next year as this year”": "That rule is the true curve, a year late.",
        },
        "answer": "with that of “next year as this year”",
    },
}
