"""Questions: the answer is that of the scene, and no question fits both objects with two answers."""

import numpy as np
import pytest

from unrolled.data.scenes import questions, scenes


def asked(N=600):
    rng = np.random.default_rng(1)
    batch = scenes.draw(rng, N)
    tokens, answers = questions.ask(rng, batch)
    assert tokens.shape == (6, N)
    said = [questions.decode(column) for column in tokens.T]
    return list(zip(batch.scenes, said, (questions.ANSWERS[k] for k in answers)))


def test_every_answer_is_the_only_true_one():
    for scene, question, answer in asked():
        words = question.split()
        if words[0] == "is":
            (which,) = [k for k, thing in enumerate(scene.things) if thing.shape == words[2]]
            assert words[4] == {"left": "left", "above": "top"}[scene.relation]
            assert answer == ("yes", "no")[which]
        else:
            meant = [thing for thing in scene.things if words[4] in (thing.shape, thing.colour)]
            assert {getattr(thing, words[1]) for thing in meant} == {answer}


@pytest.mark.slow
def test_every_kind_is_asked_and_yes_is_as_likely_as_no():
    everything = asked(3000)
    kinds = {" ".join(question.split()[:2]) if question[0] == "w" else "is" for _, question, _ in everything}
    assert kinds == {"what colour", "what size", "what shape", "is"}
    places = [answer for _, question, answer in everything if question.startswith("is")]
    assert abs(places.count("yes") / len(places) - 0.5) < 0.06


def test_a_count_cannot_be_asked_about():
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="two objects and a relation"):
        questions.ask(rng, scenes.draw_counts(rng, 2))
