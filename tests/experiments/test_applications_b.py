"""The cards' experiments at a tiny size: that each network sees what its name says, and each baseline is sound."""

import numpy as np
import pytest

from unrolled.autodiff.tape import value_and_grad
from unrolled.data import moving_digits, music, strokes
from unrolled.experiments.applications import glimpses, handwriting, nearest_points, readers, video
from unrolled.experiments.applications import music as players
from unrolled.layers.losses import cross_entropy
from unrolled.models import files

SHORT = {"steps": 3, "max_norm": 1.0, "learning_rate": 0.01}


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("network", video.NETWORKS)
def test_a_video_network_is_measured_and_what_forgets_the_order_does_not_see_it(network):
    found = video.measure(rng(), "anywhere", network, T=4, H=5, N=3, test_size=20, **SHORT)
    assert set(found) == {"validation", "test", "matched"}
    frames, _ = moving_digits.draw(rng(), 5, T=4)
    params = video.init(rng(), network, 6, 4)
    other = video.show(rng(2), frames[::-1], network)
    same = np.allclose(
        video.logits(params, video.show(rng(2), frames, network)), video.logits(params, other), atol=1e-5
    )
    assert same == (network == "averaged")


def test_a_glimpse_is_the_window_at_its_place():
    pictures, _ = glimpses.load("test")
    places = glimpses.orders(rng(), len(pictures), "random")
    xs = glimpses.glimpse(pictures, places)
    assert sorted(places[0]) == list(range(9))
    r, c = glimpses.CENTRES[places[3, 2]]
    assert np.array_equal(xs[2, 3, :9], pictures[3, r - 1 : r + 2, c - 1 : c + 2].ravel())
    assert np.array_equal(xs[2, 3, 9:], glimpses.WHERE[places[3, 2]])


def test_the_nine_windows_show_all_pixels_so_the_last_neighbour_is_the_nearest():
    whole = glimpses.neighbour(glimpses.orders(rng(), 397, "row by row"))
    assert whole[-1] == glimpses.nearest() > 0.93
    assert whole[0] < 0.5


def test_a_looker_looks_at_no_place_twice_and_its_choice_has_a_gradient():
    params, seen = glimpses.init_looker(rng(), 6, 4), glimpses.windows(glimpses.load("test")[0][:8])
    for one in (False, True):
        _, alphas = glimpses.look(params, seen, 9, sharpness=3.0, one=one)
        assert (np.sort(alphas.argmax(-1), axis=0) == np.arange(9)[:, None]).all()
    _, grads = value_and_grad(_loss)(params, seen)
    assert np.abs(grads["keys"]).max() > 0
    assert np.abs(grads["query"]["W"]).max() > 0


@pytest.mark.parametrize("order", ["centre first", "random", "learnt"])
def test_a_reader_and_its_neighbour_are_measured_after_each_glimpse_of_the_test_pictures(monkeypatch, order):
    """Networks as they are drawn; the neighbour is asked about the places that the network has seen."""
    params, asked = glimpses.init_looker(rng(), 6, 4), []
    monkeypatch.setattr(glimpses, "train", lambda rng, order, **sizes: params)
    monkeypatch.setattr(glimpses, "train_looker", lambda rng, **sizes: params)
    monkeypatch.setattr(glimpses, "neighbour", lambda places: asked.append(places) or np.array([0.2, 0.4]))
    found = glimpses.measure(rng(), order, 0.01, 5, A=4, T=2)
    generator, right = rng(), {}
    for part in ("validation", "test"):
        images, labels = glimpses.load(part)
        if order == "learnt":
            logits, alphas = glimpses.look(params, glimpses.windows(images), 2, sharpness=5, one=True)
            places = alphas.argmax(-1).T
        else:
            places = glimpses.orders(generator, len(images), order)[:, :2]
            logits = glimpses.answers(params, glimpses.glimpse(images, places))
        right[part] = [np.mean(answer.argmax(-1) == labels) for answer in logits]
    assert np.array_equal(asked, [places])
    assert right["validation"][1] not in right["test"]
    told = {"right_1": right["test"][0], "right_2": right["test"][1], "neighbour_1": 0.2, "neighbour_2": 0.4}
    assert found == told | {"validation": right["validation"][1], "nearest": glimpses.nearest()}


def _loss(params, seen):
    logits, _ = glimpses.look(params, seen, 3)
    return cross_entropy(logits, np.zeros(logits.shape[:2], int))


def test_the_bars_of_the_form_are_in_the_form_and_a_table_of_24_keeps_it():
    chords, _ = music.blues(rng(), 4, 3)
    assert players.in_form(chords).all()
    assert players.in_form(players.play_table(rng(), 24, 5, 192)).all()
    assert not players.in_form(players.play_table(rng(), 16, 5, 192)).all()
    assert players.in_form(np.roll(chords, 4, axis=0)).mean() < 0.8


def test_a_network_writes_a_piece_that_begins_as_it_is_told():
    params = readers.init_reader(rng(), 9, 5, 9)
    chords, notes = players.play(rng(), params, 3, 12)
    assert chords.shape == notes.shape == (12, 3)
    assert not chords[0].any()
    assert chords.max() < 3
    assert notes.max() < 6


def test_a_blues_is_graded_chorus_by_chorus_and_by_other_pieces_for_validation(monkeypatch):
    """A player that keeps the form in what is played first, for validation, and then for one chorus of two."""
    played = []

    def play(rng, params, N, T):
        form = np.tile(np.repeat(music.FORM, music.BEATS), 2)[:, None].repeat(N, axis=1)
        assert (params, N, T) == ("taught", 5, len(form))
        played.append(form)
        if len(played) == 2:
            form[len(form) // 2 :] = (form[len(form) // 2 :] + 1) % players.C
            form[0] = 1  # one bar of the first chorus
        return form, None

    monkeypatch.setattr(players, "train_blues", lambda rng, **sizes: sizes == {"choruses": 3, "H": 4} and "taught")
    monkeypatch.setattr(players, "play", play)
    found = players.measure_blues(rng(), "network", 0, pieces=5, choruses=2, heard=3, H=4)
    assert found == pytest.approx({"validation": 1, "chorus_1": 11 / 12, "chorus_2": 0})
    table = players.measure_blues(rng(), "table", 24, pieces=5, choruses=2, heard=3)
    assert table == {"validation": 1, "chorus_1": 1, "chorus_2": 1}


@pytest.mark.parametrize("network", ["pulses", *players.METRE_NETWORKS])
def test_the_metre_is_measured_on_other_clips_than_those_of_validation(monkeypatch, network):
    """A network that says 3/4 always, and a fit that says 4/4."""
    drawn, draw = [], music.rhythms
    always = lambda onsets: np.zeros(onsets.shape[1], int)
    monkeypatch.setattr(music, "rhythms", lambda *sizes: drawn.append(draw(*sizes)) or drawn[-1])
    monkeypatch.setattr(music, "fitted", lambda onsets: always(onsets) + 1)
    monkeypatch.setattr(players, "learn_by_pulse", lambda rng, onsets, metres: always)
    monkeypatch.setattr(players, "train_metre", lambda rng, network, **sizes: sizes)
    monkeypatch.setitem(players.METRE_NETWORKS, network, (lambda params, onsets: np.eye(3)[always(onsets)], None))
    found = players.measure_metre(rng(), network, 0.01, T=8, test_size=50, known=7)
    (_, held), (onsets, test) = drawn[-2:]
    assert onsets.shape == (8, 50, 2)
    assert found == {"validation": (held == 0).mean(), "test": (test == 0).mean(), "fitted": (test == 1).mean()}
    assert found["validation"] != found["test"]


def test_the_pulses_find_the_tempo_and_name_what_they_learnt_from():
    onsets, metres = music.rhythms(rng(), 300)
    found = players.by_pulse(onsets)
    assert found.shape == (300, 48)
    name = players.learn_by_pulse(rng(), onsets, metres)
    assert (name(onsets) == metres).mean() > 0.9


def test_a_bag_of_onsets_forgets_their_order():
    onsets, _ = music.rhythms(rng(), 6)
    params = readers.init_layers(rng(), 2, 7, 3)
    np.testing.assert_allclose(players.see_all(params, onsets), players.see_all(params, onsets[::-1]), atol=1e-5)


def test_the_pen_is_not_told_the_point_that_it_has_to_say():
    written = strokes.draw(rng(), 4)
    params = readers.init_reader(rng(), 3 + handwriting.V, 6, 13)
    before = handwriting.outputs(params, written)
    written.moves[5:] += 1
    after = handwriting.outputs(params, written)
    assert np.array_equal(before[:6], after[:6])
    assert not np.allclose(before[6:], after[6:])


def test_the_baselines_of_the_pen_are_densities_that_fit_what_they_were_made_for():
    known, test = strokes.draw(rng(), 800), strokes.draw(rng(2), 200)
    by_number, line = handwriting.by_number(known, test), handwriting.least_squares(known, test, 2)
    assert by_number < line < 1
    off = test._replace(moves=test.moves * 1.5)
    assert handwriting.by_number(known, off) > by_number + 0.3
    assert handwriting.least_squares(known, off, 2) > line
    one = handwriting.gaussian_nats(np.zeros((1, 2)), np.zeros(2), np.eye(2), np.array([1]), np.array([0.5]))
    assert np.isclose(one[0], np.log(2 * np.pi) + np.log(2))


def test_the_nearest_points_see_no_later_point_and_give_a_density():
    known, test = strokes.draw(rng(), 800), strokes.draw(rng(2), 40)
    before = nearest_points.situations(test)
    later = test._replace(moves=test.moves + (np.arange(len(test.moves)) >= 5)[:, None, None])
    after = nearest_points.situations(later)
    assert np.array_equal(before[:6], after[:6])
    assert not np.allclose(before[6:9], after[6:9])
    nats = nearest_points.nearest_points(known, test)
    assert nats < handwriting.by_number(known, test) - 0.5
    assert nearest_points.nearest_points(known, test._replace(moves=test.moves * 1.5)) > nats + 1


def watch_draws(monkeypatch):
    """[(hand, Written)] of all letters that are drawn from now on."""
    drawn, draw = [], strokes.draw

    def watched(rng, N, hand="script", letters=None):
        drawn.append((hand, draw(rng, N, hand, letters)))
        return drawn[-1][1]

    monkeypatch.setattr(strokes, "draw", watched)
    return drawn


def test_the_pen_and_its_baselines_are_measured_on_the_same_fresh_letters(monkeypatch):
    """Least squares that is best on validation by 4 moves, and on the test by 16."""
    drawn, blank = watch_draws(monkeypatch), readers.init_reader(rng(), 3 + handwriting.V, 6, 13)
    of = lambda part: next(k for k, (_, other) in enumerate(drawn) if other is part)
    monkeypatch.setattr(handwriting, "train", lambda rng, **sizes: blank)
    fit = lambda known, part, k: abs(k - {1: 4, 2: 16}[of(part)]) + of(known)
    monkeypatch.setattr(handwriting, "least_squares", fit)
    monkeypatch.setattr(handwriting, "by_number", lambda known, part: (of(known), of(part)))
    monkeypatch.setattr(handwriting, "write", lambda rng, params, letters: ("written", params is blank, len(letters)))
    monkeypatch.setattr(handwriting, "legible", lambda page: page if len(page) == 3 else of(page))
    found = handwriting.measure(rng(), 2, 0.01, known=9, test_size=5)
    hands, pages = zip(*drawn)
    assert hands == ("script",) * 4 + ("print",)
    assert [len(page.letters) for page in pages] == [9, 5, 5, 104, 5]
    assert np.array_equal(pages[3].letters, np.repeat(np.arange(26), 4))
    nats = [handwriting.nats(blank, *page) for page in pages]
    assert (found["validation"], found["test"], found["other_hand"]) == (nats[1], nats[2], nats[4])
    assert len(set(nats)) == 5
    assert (found["lags"], found["least_squares"], found["by_number"]) == (4, 12, (0, 2))
    assert (found["legible"], found["legible_true"]) == (("written", True, 104), 3)


def test_the_nearest_points_are_as_many_as_are_best_on_validation(monkeypatch):
    """Lines that are best on validation through 60 points, and on the test through 120."""
    drawn = watch_draws(monkeypatch)
    of = lambda part: next(k for k, (_, other) in enumerate(drawn) if other is part)
    fit = lambda known, part, k: abs(k - {1: 60}.get(of(part), 120)) + of(known) + of(part)
    monkeypatch.setattr(nearest_points, "nearest_points", fit)
    monkeypatch.setattr(handwriting, "least_squares", lambda known, part, k: (of(known), of(part), k))
    found = nearest_points.measure(rng(), 9, test_size=6)
    hands, pages = zip(*drawn)
    assert hands == ("script",) * 3 + ("print", "script")
    assert [len(page.letters) for page in pages] == [9, 2, 6, 6, 4000]
    own = [handwriting.nats(files.shipped_pen(), *pages[k]) for k in (2, 3)]
    assert [found["pen"], found["print_pen"]] == own
    told = {key: found[key] for key in ("k", "validation", "test", "print", "print_line")}
    assert told == {"k": 60, "validation": 1, "test": 62, "print": 63, "print_line": (4, 3, 16)}


def test_a_letter_that_was_drawn_has_its_points_and_a_picture():
    page = strokes.draw(rng(), 3)
    points, lifts = strokes.to_points(page, 1)
    assert len(points) == len(lifts) == page.mask[:, 1].sum() + 1
    np.testing.assert_allclose(np.diff(points, axis=0), page.moves[page.mask[:, 1], 1], atol=1e-5)
    assert np.array_equal(strokes.picture(*strokes.clean("g")), strokes.to_picture("g"))
    assert strokes.picture(points, lifts).sum() > 20


def test_the_shipped_pen_writes_letters_that_look_like_themselves():
    pen, letters = files.shipped_pen(), np.arange(26).repeat(3)
    page = handwriting.write(rng(), pen, letters, sharp=0.5)
    assert handwriting.legible(page) > 0.8
    assert handwriting.legible(page._replace(letters=letters[::-1])) < 0.2
    assert handwriting.nats(pen, *strokes.draw(rng(3), 200)) < -2.9
    assert [handwriting.recognise(pen, *strokes.clean(letter)) for letter in "agt"] == [0, 6, 19]
