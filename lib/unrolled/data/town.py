"""Questions about the harbour town of the tales: fifty facts, each asked in five ways, and what no fact tells.

Of each fact one way to ask is held out, another one from fact to fact: its words are all known, and so is the fact. A
question without an answer asks in a known way about a known thing what no fact says of it: the price of lamps.
"""

from unrolled.data.text import SPECIAL
from unrolled.data.translation import Pair

FORMS = {
    "place": (
        "where does {} live", "where can i find {}", "in which place is {}", "tell me where {} lives",
        "do you know the house of {}",
    ),
    "work": (
        "what is the work of {}", "what does {} do all day", "tell me what {} does", "which work has {}",
        "what do they pay {} for",
    ),
    "price": (
        "how much are {}", "what is the price of {}", "what do {} cost", "how many pence are {}",
        "tell me the price of {}",
    ),
    "number": (
        "how many {} are there", "what is the number of {}", "can you count the {}", "tell me how many {} there are",
        "has anyone counted the {}",
    ),
    "time": (
        "when does {}", "at what time does {}", "tell me when {}s", "do you know when {}s", "how long until {}s",
    ),
}  # fmt: skip
FACTS = {
    "place": {
        "the heron": "the heron stands in the marsh",
        "the keeper": "the keeper lives at the light on the rock",
        "the otter": "hold your breath and you come to the house of the otter",
        "the fox": "it comes down from the hills",
        "the bookseller": "her shop is in the hull of a boat",
        "the hare": "it sleeps in a sack of flour",
        "the gull": "the gull taps on the glass of the light",
        "the trout": "it swims under the bridge",
        "the cat": "the cat is always in the room",
        "the wren": "a wren looks down from the bridge",
    },
    "work": {
        "the baker": "he bakes bread and buns for the sheep",
        "the ferryman": "he rows you over and you pay when you step off",
        "the lamplighter": "he lights the lamps from the gate to the old mill",
        "the clockmaker": "she keeps the clock on the tower right",
        "the clerk": "he looks for a hole in the sum",
        "the schoolmaster": "he teaches the children and draws the wind",
        "the shepherd": "she counts her sheep every evening",
        "the tailor": "she mends shadows behind the church",
        "the fishwife": "she sells eels at the market",
        "the postwoman": "she carries letters for nine miles",
    },
    "price": {
        "eggs": "a dozen is twelve pence",
        "candles": "ten of them are twenty pence",
        "eels": "an eel is seven pence when it is dead and four alive",
        "songs": "a new one is as good as six pence to the guild",
        "books": "the one without an end was twenty five pence",
        "seams": "the tailor asks for eight pence",
        "bells": "we sold one for sixty and bought one for eighty five",
        "nuts": "for eight pence of nuts the gull lets you sleep",
        "letters": "it was nine pence to the wool office",
        "lessons": "nobody at the market sells lessons",
    },
    "number": {
        "lamps": "there are forty one and one that pays for itself",
        "sheep": "there are fifty three if you count with buns",
        "steps": "it is one hundred and four to the top of the tower",
        "rules": "the guild has nine rules",
        "members": "thirteen chairs were counted",
        "rooms": "three are wet and the fourth is dry",
        "boxes": "the pedlar came with eight boxes",
        "hens": "five hens walked home in the evening",
        "anchors": "eleven anchors lay on the bottom of the harbour",
        "shoes": "they found two hundred and six left shoes",
    },
    "time": {
        "the first boat leave": "at ten past six",
        "the slow boat leave": "at ten and it visits his mother",
        "the last boat leave": "at half past five but you may shout",
        "the boat with eels leave": "at a quarter past one",
        "the market open": "on saturday",
        "the mill stop": "when the cart stands at the door",
        "the sea turn": "at ten past eight unless it forgets",
        "the storm come": "it came on wednesday and not on thursday",
        "the cold leave": "in april when it has found its sister",
        "the school begin": "nine minutes earlier than last year",
    },
}
# What no fact says: the kind of question, and of what things it is asked.
UNTOLD = {
    "place": list(FACTS["work"]),
    "work": list(FACTS["place"]),
    "price": list(FACTS["number"]),
    "number": list(FACTS["price"]),
    "time": [f"{one} {other.split()[-1]}" for one, other in zip(FACTS["place"], FACTS["time"])],
}
PARTS = ("learnt", "paraphrase", "untold")


def questions(part):
    """The pairs of one part, each with its words, and no links: 200 learnt, 50 paraphrases, 50 untold, whose answers
    are empty. ValueError: no part has this name."""
    if part not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, got {part!r}")
    found = []
    for kind, forms in FORMS.items():
        answers = dict.fromkeys(UNTOLD[kind], "") if part == "untold" else FACTS[kind]
        for k, (thing, answer) in enumerate(answers.items()):
            held_out = k % len(forms)
            asked = [form for i, form in enumerate(forms) if (i == held_out) != (part == "learnt")]
            found += [Pair(tuple(form.format(thing).split()), tuple(answer.split()), ()) for form in asked]
    return found


def _vocabulary(sentences):
    return (*SPECIAL, *sorted({word for sentence in sentences for word in sentence}))


QUESTION_WORDS = _vocabulary(pair.source for pair in questions("learnt"))
ANSWER_WORDS = _vocabulary(pair.target for pair in questions("learnt"))
