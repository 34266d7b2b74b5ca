"""What an index keeps of a text stays what it is, and is small."""

from pydoc_data.topics import topics

import numpy as np

from guardrails.works.text.fingerprints import WIDTH, WINDOW, fingerprint


def test_fingerprints_stay_as_they_are_for_indexes_hold_them():
    made = fingerprint("It was a bright cold day, and the clocks weren't striking.")
    assert made.seeds.tolist() == [206940085, 700673658, 1170421261]
    assert made.places.tolist() == [1, 4, 6]
    assert made.detail.tolist() == [
        *(6518, 59886, 43943, 29368, 43979, 62360),
        *(32436, 4769, 24711, 61847, 64791),
    ]


def test_seeds_and_words_need_less_than_the_text():
    text = " ".join(topics.values())
    made = fingerprint(text)
    assert made.seeds.size == made.places.size
    assert 4 * made.seeds.size + 2 * made.detail.size < 0.7 * len(text.encode())


def test_every_run_that_is_long_enough_has_a_seed_in_the_index():
    made = fingerprint(topics["import"])
    gaps = np.diff(made.places)
    assert gaps.max() <= WINDOW
    assert made.places[-1] <= made.detail.size - WIDTH


def test_a_text_without_words_has_an_empty_fingerprint():
    made = fingerprint("... !")
    assert (made.seeds.size, made.places.size, made.detail.size) == (0, 0, 0)
