"""Translate number words and times of day into Korean: python -m unrolled.translate "twenty to nine" --show"""

from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from unrolled.data import clock_times, number_words
from unrolled.data.text import SPECIAL
from unrolled.data.translation import decode, encode
from unrolled.environment.options import Parser, any_console, note_on_console
from unrolled.models import seq2seq
from unrolled.models.files import shipped_translators

TASKS = {"numbers": (number_words, "luong_both"), "times": (clock_times, "luong")}  # the words, and the model


class Answer(NamedTuple):
    """read, said: tuples of words; alphas (T, S): a row for each word that was said, and one for the end; right: the
    words that the rules say, or None where they know no such sentence; language: the module that has the words."""

    read: tuple
    said: tuple
    alphas: np.ndarray
    right: tuple
    language: object


def words_of(text):
    """ "Twenty-five to nine." -> ("twenty", "five", "to", "nine"): no hyphens, no commas, no "and", no stop"""
    plain = text.lower().rstrip(" .?!").replace("’", "'").replace("-", " ").replace(",", " ")
    return tuple(word for word in plain.split() if word != "and")


def task_of(words):
    """ "numbers" or "times": whose vocabulary has all words. Where both have them ("eight forty", "forty five") it is
    a number if they say one, else a time. ValueError: no word, or neither has them all."""
    if not words:
        raise ValueError('there must be a word to translate: try "twenty to nine"')
    lists = {task: language.ENGLISH[len(SPECIAL) :] for task, (language, _) in TASKS.items()}
    has = [task for task, known in lists.items() if {*words} <= {*known}]
    if not has:
        known = "; ".join(f"{task}: {' '.join(lists[task])}" for task in lists)
        raise ValueError(f"{_what_is_wrong(words, sum(lists.values(), ()))}. {known}")
    return has[0] if len(has) == 1 or _by_the_rules("numbers", words) else "times"


def _what_is_wrong(words, known):
    """The unknown words, each with the nearest known one."""
    unknown = [word for word in dict.fromkeys(words) if word not in known]
    if not unknown:
        return f"all words must be of one of these lists, got {' '.join(words)!r}"
    near = {word: "".join(get_close_matches(word, known, 1, 0.7)) for word in unknown}
    said = ", ".join(f"{word!r} (did you mean {near[word]}?)" if near[word] else repr(word) for word in unknown)
    digits = any(letter.isdigit() for word in unknown for letter in word)
    return f"unknown: {said}{'; write numbers in words' if digits else ''}"


def translate(text):
    """A sentence in English -> Answer, by the network that the course ships. ValueError: as `task_of`."""
    words = words_of(text)
    task = task_of(words)
    language, model = TASKS[task]
    source = np.array(encode(words, language.ENGLISH))[:, None]
    tokens, alphas = seq2seq.translate(shipped_translators()[task][model], source, [len(source)], kind="luong")
    said = decode(tokens[:, 0], language.KOREAN)
    return Answer(words, said, alphas[:, 0], _by_the_rules(task, words), language)


def alignment(answer):
    """The weights as lines of text: a row for each word that was read, a column for each that was said."""
    heads = [*(answer.language.LATIN.get(word, word) for word in answer.said), "END"]
    wide = max(map(len, answer.read))
    lines = [f"{'':{wide}} {' '.join(heads)}"]
    for word, weights in zip(answer.read, answer.alphas.T):
        tenths = ("." if weight < 0.05 else "X" if weight >= 0.95 else f"{10 * weight:.0f}" for weight in weights)
        lines.append(f"{word:{wide}} {' '.join(f'{cell:>{len(head)}}' for cell, head in zip(tenths, heads))}".rstrip())
    return "\n".join([*lines, "in tenths: X is all of the weight, and . is none, or next to none"])


def _by_the_rules(task, words):
    if task == "times":
        return next((pair.target for pair in clock_times.phrases() if pair.source == words), None)
    try:
        return number_words.korean(number_words.read_english(words))
    except ValueError:
        return None


def main(arguments=None):
    """The command line."""
    any_console()
    parser = Parser(prog="python -m unrolled.translate", description="Number words and times of day in Korean.")
    parser.add_argument("sentence", nargs="+", help='in English words: "twenty to nine", three hundred forty five')
    parser.add_argument("--show", action="store_true", help="where the network looked as it said each word")
    given = parser.parse_args(arguments)
    try:
        answer = translate(" ".join(given.sentence))
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    written, LATIN, GLOSS = answer.language.written, answer.language.LATIN, answer.language.GLOSS
    print(written(answer.said))
    for letters in (LATIN, GLOSS):
        print(" ".join(letters.get(word, word) for word in answer.said))
    if answer.right is None:
        print("(The rules know no such sentence: there is nothing to compare with, and it may be nonsense.)")
    elif answer.right != answer.said:
        print(f"(This is wrong. By the rules it is {written(answer.right)}.)")
    if given.show:
        print(f"\n{alignment(answer)}")
    note_on_console(written(answer.said))


if __name__ == "__main__":
    main()
