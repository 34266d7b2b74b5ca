"""Texts made to take long, or much memory, or to hide: all stay within bounds."""

import random
import time
import tracemalloc
from pydoc_data.topics import topics

import pytest

from guardrails.works.stores.memory import MemoryStore
from guardrails.works.text.finder import TextFinder
from guardrails.works.text.fingerprints import fingerprint
from guardrails.works.work import Kind, Work

BOOK = " ".join(topics.values())[:400_000]
ROUND = "one two three four five six seven eight nine ten "
LONG = 200_000


@pytest.fixture(scope="module")
def finder():
    store = MemoryStore()
    works = {
        "book": BOOK,
        "one word": "word " * 50_000,
        "round": ROUND * 30,
        "alphabet": "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 1000,
        "han": "漢字" * 5000,
    }
    store.put(
        "all",
        [(Work(name, Kind.TEXT, name), fingerprint(text)) for name, text in works.items()],
        "a test",
    )
    return TextFinder(store, "all")


def _shuffled(separator):
    parts = BOOK.split(separator)
    random.Random(1).shuffle(parts)  # noqa: S311  # made-up changes, not keys
    return separator.join(parts)


HOSTILE = {
    "one word": "word " * 100_000,
    "one letter": "x" * LONG,
    "a book": BOOK,
    "its sentences shuffled": _shuffled(". "),
    "its words shuffled": _shuffled(" "),
    "every other word": " ".join(word + " zyx" for word in BOOK.split()),
    "what goes round": ROUND * 4000,
    "the alphabet": "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 4000,
    "letters that are words": "漢字" * 100_000,
    "open quotations": "“a " * 60_000,
    "straight quotations": '"a ' * 60_000,
    "hyphens at line ends": "a-\n" * 60_000,
    "hyphens": "-" * LONG,
    "a hyphen and spaces": ("a-" + " " * 1000) * 200,
    "marks on one letter": "e" + "\u0301" * LONG,
    "characters that are many": "\ufdfa" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(finder, name):
    started = time.process_time()
    finder.find(HOSTILE[name])
    assert time.process_time() - started < 8


def test_time_and_memory_grow_with_the_length_and_not_faster(finder):
    taken, needed = [], []
    for length in (LONG // 4, LONG):
        text = BOOK[:length]
        finder.find(text)
        started = time.process_time()
        finder.find(text)
        taken.append(time.process_time() - started)
        tracemalloc.start()
        finder.find(text)
        needed.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert taken[1] < 12 * taken[0]
    assert needed[1] < 8 * needed[0]
    assert needed[1] < 300 * LONG


def test_a_whole_book_is_one_copy(finder):
    best = finder.find(BOOK)[0]
    assert best.work.id == "book"
    assert best.share == 1.0
    assert best.changed == 0


@pytest.mark.parametrize("times", [2, 40, 200])
def test_a_copy_that_is_said_over_and_over_is_found(finder, times):
    found = finder.find((BOOK[5000:5600] + " ") * times)
    assert found[0].work.id == "book"
    assert found[0].score > 0.9


def test_a_work_that_goes_round_in_circles_hides_no_other(finder):
    found = finder.find(ROUND * 50 + BOOK[9000:9600] + " " + "word " * 500)
    assert "book" in {match.work.id for match in found if match.score > 0.9}
