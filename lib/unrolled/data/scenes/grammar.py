"""The grammar of the scenes' captions: from a scene to its words, in English and Korean, to tokens, and back.

English: SIZE COLOUR SHAPE (left of | above) SIZE COLOUR SHAPE. Korean names the second object first and puts the
relation behind it. A count is a number, a colour and a shape.
"""

from typing import NamedTuple

import numpy as np

from unrolled.data.scenes.rasters import SHAPES
from unrolled.data.text import END, PAD, SPECIAL, START

SIZES = ("small", "big")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "black")
RELATIONS = ("left", "above")  # what a canonical caption says; "right" and "below" are true the other way round
NUMBERS = ("one", "two", "three", "four")
PLURALS = ("circles", "squares", "triangles", "crosses", "rings")
WORDS = (*SPECIAL, *(SIZES + COLOURS + SHAPES + RELATIONS), *("of", "right", "below", *NUMBERS, *PLURALS))
KOREAN = {
    **dict(zip(SIZES, ("작은", "큰"))),
    **dict(zip(COLOURS, ("빨간", "주황색", "노란", "초록색", "파란", "보라색", "검은"))),
    **dict(zip(SHAPES, ("원", "정사각형", "삼각형", "십자가", "고리"))),
    **{"left": "왼쪽에", "right": "오른쪽에", "above": "위에", "below": "아래에"},
    **dict(zip(NUMBERS, ("한", "두", "세", "네"))),
}
WORDS_KO = (*SPECIAL, *KOREAN.values(), *(f"{KOREAN[shape]}의" for shape in SHAPES), "그", "개")
VOCABULARIES = {"en": WORDS, "ko": WORDS_KO}
MARGIN = 3  # pixels by which two middles must lie apart for a word to say so
OPPOSITE = {"left": "right", "above": "below", "right": "left", "below": "above"}
ID = {word: k for k, word in enumerate(WORDS)}


class Thing(NamedTuple):
    """size, colour, shape: words; x, y: its middle, in pixels from the left upper corner; radius in pixels."""

    size: str
    colour: str
    shape: str
    x: float
    y: float
    radius: float


class Scene(NamedTuple):
    """things: Things, from left to right or from top to bottom; relation: "left", "above", or None for a count."""

    things: tuple
    relation: str | None


def caption(scene, language="en"):
    """The canonical caption of a Scene, a sentence: English, or Korean in its own word order ("ko")."""
    return " ".join(_words(scene, language))


def captions_true(scene):
    """Every English caption that is true of the scene: the canonical one first, then those from the other object, and
    those along the other axis where the middles lie at least MARGIN pixels apart on it."""
    if scene.relation is None or len(scene.things) != 2:
        return [caption(scene)]
    first, second = scene.things
    pairs = [(first, scene.relation, second)]
    other, gap = ("above", second.y - first.y) if scene.relation == "left" else ("left", second.x - first.x)
    if abs(gap) >= MARGIN:
        pairs.append((first, other, second) if gap > 0 else (second, other, first))
    pairs += [(b, OPPOSITE[relation], a) for a, relation, b in pairs]
    return [" ".join([*a[:3], *_relation_words(relation), *b[:3]]) for a, relation, b in pairs]


def parse(words):
    """A caption, as a sentence or its words -> slots: {"size 1": "small", …, "relation": "left", …, "shape 2": …}.

    ValueError: the law of the grammar that it breaks, and where. "right of" and "below" are understood, too; a count
    has "count", "colour", "shape".
    """
    words = words.split() if isinstance(words, str) else list(words)
    if words and words[0] in NUMBERS:
        return _parse_count(words)
    slots, at, k = {}, 0, 1
    while True:
        for slot, choices in (("size", SIZES), ("colour", COLOURS), ("shape", SHAPES)):
            slots[f"{slot} {k}"] = _take(words, at, slot, choices)
            at += 1
        if at == len(words) and k > 1:
            return slots
        relation = _take(words, at, "relation", tuple(OPPOSITE))
        if slots.setdefault("relation", relation) != relation:
            raise ValueError(f"word {at + 1} must be {slots['relation']!r}, the relation before it, got {relation!r}")
        at, k = at + 1, k + 1
        if relation in ("left", "right"):
            _take(words, at, 'the word after "left" or "right"', ("of",))
            at += 1


def encode(captions, language="en", length=None):
    """Sentences -> tokens (L + 1, N) int, lengths (N,): START, the words, END, PAD up to the longest, or to `length`.

    ValueError: a word that is not in the vocabulary, a caption that is longer than length - 2 words.
    """
    ids = {word: k for k, word in enumerate(vocabulary(language))}
    split = [sentence.split() for sentence in captions]
    unknown = sorted({word for words in split for word in words} - set(ids))
    if unknown:
        raise ValueError(f"words must be of the vocabulary, got {unknown[0]!r}")
    lengths = np.array([len(words) + 2 for words in split], int)
    length = length or lengths.max()
    if lengths.max() > length:
        raise ValueError(f"a caption must have at most {length - 2} words, got {lengths.max() - 2}")
    tokens = np.full((length, len(split)), PAD)
    for n, words in enumerate(split):
        tokens[: lengths[n], n] = START, *(ids[word] for word in words), END
    return tokens, lengths


def decode(tokens, language="en"):
    """A column of tokens (L,), up to its END -> the sentence. START and PAD are not shown."""
    words, said = vocabulary(language), []
    for token in tokens:
        if token == END:
            break
        if token not in (PAD, START):
            said.append(words[token])
    return " ".join(said)


def find_objects(tokens):
    """Which object each token names: tokens (L,) or (L, N) of English captions -> ints of that shape; -1 for none.

    A size, colour or shape before the first relation names object 0, after it object 1, and so on.
    """
    tokens = np.asarray(tokens)
    relations = np.isin(tokens, [ID[word] for word in OPPOSITE])
    names = np.isin(tokens, [ID[word] for word in SIZES + COLOURS + SHAPES])
    return np.where(names, np.cumsum(relations, axis=0), -1)


def _relation_words(relation):
    return (relation, "of") if relation in ("left", "right") else (relation,)


def _words(scene, language):
    """The canonical caption, a word at a time."""
    phrases, ko = [list(thing[:3]) for thing in scene.things], vocabulary(language) is WORDS_KO
    if scene.relation is None:
        _, colour, shape = phrases[0]
        k = len(phrases) - 1
        if ko:
            return [KOREAN[colour], KOREAN[shape], KOREAN[NUMBERS[k]], "개"]
        return [NUMBERS[k], colour, PLURALS[SHAPES.index(shape)] if k else shape]
    if not ko:
        return [*phrases[0], *(word for phrase in phrases[1:] for word in (*_relation_words(scene.relation), *phrase))]
    phrases = [[KOREAN[word] for word in phrase] for phrase in phrases]  # the last object first, each beside it
    *others, last = phrases
    words = [*last[:2], last[2] + "의" * (scene.relation == "left")]  # 원의 왼쪽에, but 원 위에
    for k, phrase in enumerate(reversed(others)):
        words += ["그"] * bool(k) + [KOREAN[scene.relation], *phrase]
    return words


def _take(words, at, what, choices):
    got = repr(words[at]) if at < len(words) else "the end"
    if at >= len(words) or words[at] not in choices:
        raise ValueError(f"word {at + 1} must be {what}, one of {', '.join(choices)}; got {got}")
    return words[at]


def _parse_count(words):
    shapes = SHAPES if words[0] == "one" else PLURALS
    colour, shape = _take(words, 1, "colour", COLOURS), _take(words, 2, "shape", shapes)
    if len(words) > 3:
        raise ValueError(f"a count must have 3 words, got {len(words)}")
    return {"count": words[0], "colour": colour, "shape": SHAPES[shapes.index(shape)]}


def vocabulary(language):
    """The words of a language, in the order of their tokens. ValueError: no such language."""
    if language not in VOCABULARIES:
        raise ValueError(f"language must be one of {', '.join(VOCABULARIES)}, got {language!r}")
    return VOCABULARIES[language]
