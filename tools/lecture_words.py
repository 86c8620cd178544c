"""What the lecture alone says: a line before a cell, a slide of its own, and a word to the speaker for each slide."""

# By the cell that it stands before: a lesson's reader has read it elsewhere.
BEFORE = {
    "06-att-056": """## The matrix that fills while the caption is spoken

Two trained captioners. *Late*: the new state $h_t$ asks, and the context goes to the read-out alone. *Early*: the old
state asks, and the context goes into the recurrence. (Their cell is an LSTM, which comes after clipping; read it as
$h_t$.)""",
    "09-07-106": "*memoryless* sees the last input alone; *no state* is a linear model of the same past, or an n-gram.",
}
# A slide of its own, which begins the part of that title.
OWN = {
    "Summary": """## What to remember

- One step, the same weights at every step.
- Back: $dh_t$ is the local error plus what step $t+1$ hands back; $W$ sums its terms.
- Truncation cuts the way back alone.
- Attention mixes places; it need not explain a word.
- Products of Jacobians vanish or explode; clipping mends the second alone.
- A cell that adds leaves $f$ alone on its direct path."""
}
# To the speaker, by the first cell of the slide: what to say, what to ask, what to press.
SAY = {
    "opening": "Late? Leave out a whole part, Captioning or Clipping, and not a piece of each.",
    "01-01-box": "Point at the loop's one line: the old total and the new number make the new total. That is the box.",
    "01-01-009": "Left and right are the same network. Count the matrices on the right with the class: three names.",
    "01-01-008": "Read the formula from left to right, with each shape. Here are rows; the lecture has columns, W h.",
    "01-01-004": "Ask for a task of each kind before you go on: the next slide draws all five.",
    "01-01-005": "Name one shape by its inputs and outputs, and let the class point at it.",
    "01-01-011": "Say what a row is: one word. The 1 stands at the word's own place.",
    "01-01-014": "Step 1 together. Then let the class do step 2 on paper, and press Space for its numbers.",
    "01-01-020": "Say it once: the read-out is a product and a sum, and here its weights are chosen by hand.",
    "01-01-022": "Go up one column, then along the row of states. The largest score names the next word.",
    "01-01-037": "Hands for each choice, press the one with most hands, then Space: the count does not grow.",
    "01-01-041": "One sentence: no step has a weight of its own. The next part asks what that does to the gradient.",
    "02-02-068": "Let all write a number down before you press. Then Space, and the lines say it: visits 4, 7 and 10.",
    "02-02-076": "Say where the inputs, the states and L will stand, and that purple is a gradient. Then go on.",
    "02-02-077": "Press ▶| for the whole way, then |◀, and walk by the arrows. Leave the window: it comes later.",
    "04-04-002": "Ask what follows l. There are two answers, and the part ends with that. Space brings the code.",
    "04-04-009": "The weights are random: no yellow score need be the highest. Point at one that is not.",
    "04-04-011": "Say the loss for one letter: 0 only where the right letter has probability 1. Space for numbers.",
    "04-04-020": "Two words to keep apart: taught, the input is right; free, it is what the network said. Then Space.",
    "04-04-026": "The same picture, trained. Compare the columns of the two l: one input, two states.",
    "04-04-027": "To those for 0: what does it say after the first l, and after the second? Then press.",
    "04-04-031": "The dashed level is 2 ln 2. Without recurrence the loss stops there: two letters, a coin toss each.",
    "03-03-002": "First dz, because all the others need it. The transposes follow from the shapes. Space for the code.",
    "03-03-014": "Say the two terms: from this step's own loss, and from the next step. The last step has no next.",
    "03-03-015": "Follow the purple arrows from the right end to h_1. At each state two of them meet; at h_5 one.",
    "03-03-020": "Show the + in the loop: there the two errors meet. The line below it hands dh on.",
    "03-03-075": "Draw a long line of text, and cut it with the hand. Say of both methods what crosses the cut.",
    "03-03-t01": "Read one row of each picture, that of loss 5: chunks reach one step back, the window five.",
    "03-03-082": "Hands on each choice, then press. The state crosses the border as a number, without its history.",
    "03-03-080": "Whoever uses PyTorch has seen this line. It cuts the way back, and leaves the value as it is.",
    "03-03-107": "With a pencil: at k = 10 the bit that is asked for lies just outside the chunk. Then press.",
    "03-03-113": "First k = 12 and 20, which learn it. Then k = 10: it falls, and is back at a guess in the end.",
    "05-05-002": "Let one of the class describe a scene aloud: size, colour, shape, relation, and again.",
    "05-05-044": "Point at the one new term. Everything else is the step of the first minutes.",
    "05-cap-024": "Ask what the blind one can learn: which words follow each other. So its loss falls, and then stops.",
    "05-cap-034": "Read one right caption and one wrong one. Ask which word of the wrong one is wrong.",
    "05-cap-035": "One number each: the share of captions that are right to the letter. Then what the blind one says.",
    "05-cap-047": "Let the class guess what it says of the empty picture. It has no word for “nothing”.",
    "06-att-002": "Say the three steps in this order: score, softmax, mean. Space for the code.",
    "06-att-006": "Ask before the next slide: what is the context where the query has length 0?",
    "06-att-009": "Length 0: the mean. Length 8: one place. At 45 degrees no length decides.",
    "06-att-056": "Late and early differ in who asks: the new state or the old one. The question needs it.",
    "06-att-057": "Scene 0, late form, word 1 to 8; say each word first. Then early.",
    "06-att-078": "Hands, then press. The late form sees by this look alone; the early one may have stored the shape.",
    "06-att-087": "Compare the two lowest rows, then the two on top: sizes stay near chance, so they tell nothing.",
    "07-07-004": "Do the first line of the table with the class. Ask whether it goes on growing, then Space.",
    "07-07-201": "Two numbers of one matrix: what one step can do, and what many steps do. The question needs both.",
    "07-07-006": "Let one who says 1e17 argue with one who does not, then press: one step against many.",
    "07-07-011": "Read from right to left: that is the way back. On this axis a constant factor is a straight line.",
    "07-07-020": "Ask what the slopes do to the six lines before Space: each is at most 1, so all fall.",
    "07-07-022": "“slope” is the root mean square of the slopes. Space, and compare “left” with “about”.",
    "07-07-043": "Two formulas: one factor for all numbers, or each for itself. Which of them turns the gradient?",
    "07-07-045": "The green line lies on the black one, so the direction is kept. The orange one has turned.",
    "07-07-052": "Only the task matters here: two signals, far apart, four answers. The rest is the setting.",
    "07-07-057": "Above the losses, below the longest gradients. The clipped run ends where it has solved the task.",
    "07-07-227": "Read the five names. Two things vary: the matrix at the start, and the gradient's length.",
    "07-07-234": "The class can bet. Press, then Space. “Made 1 long” lengthens the near part as well.",
    "08-06-003": "Recall the tanh picture: all six lines fell. Ask for a step whose slope is 1.",
    "08-06-007": "A sum has the slope 1. That is all the idea; the rest of this part gives it gates.",
    "08-06-009": "The flat line is the sum. The falling one has an orthogonal matrix: it is the slope of tanh.",
    "08-06-014": "One row at a time; say what the new gate can do that the row above cannot.",
    "08-06-020": "Two tasks: a list that ends, and a stream that never does. In the picture, 1 is: nothing learnt.",
    "08-06-021": "Ask what the sum cannot do: refuse, and forget. Each gate answers one of these. Then press.",
    "08-06-027": "Left, the input gate moves the dots away from 1. Right, the output gate does; so does forget alone.",
    "08-06-032": "One product of 4H numbers, cut in four. The order i, f, o, g is the lecture's; PyTorch has another.",
    "08-08-006": "Point at the row on top: × and +, and nothing else. Then the widget.",
    "08-08-009": "Play forward once, at a run. Then step backward from the end, and stop at dc_1.",
    "08-08-010": "Say it once more: on the direct path there is f alone. Ask what f must be, for nothing to be lost.",
    "08-06-066": "Ask who has read this sentence. Then Space: a row for each forget bias, a number for each network.",
    "08-06-068": "One row to keep: the usual bias of 1 brings back less than a millionth, over 99 steps.",
    "09-09-003": "Hands, press, Space for the table. What is lost without an output gate? The GRU shows all of h.",
    "09-07-004": "The last line is a mean of old and new, with weights z and 1 − z. Point at r: it acts on h alone.",
    "09-07-010": "Two ways from h_prev to h. The upper one, by z, is the direct path.",
    "own-summary": "Let the class say the end of each line before you read it.",
    "09-07-104": "Space for the table. In each row find the star, then compare it with the last two columns.",
    "09-07-109": "No row is a law. End here, and take questions.",
}
