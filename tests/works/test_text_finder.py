"""Copies of texts are found whatever was changed on the way, and told where and how much.

The works are the chapters of Python's own manual, real English that every installation has.
"""

import random
import re
from pydoc_data.topics import topics

import pytest

from guardrails.core.view import Span
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.text.finder import TextFinder
from guardrails.works.text.fingerprints import fingerprint
from guardrails.works.text.words import words
from guardrails.works.work import Consent, Kind, Work

OTHER = (
    "The parcel that you sent on Monday has come, and my sister and I unpacked it in the kitchen. "
    "Nothing was broken but one of the green cups, which lost its handle; the kettle is as good "
    "as new. We had tea from it with the neighbours, who ask after you, and talked of the summer "
    "at the lake, when your brother fell out of the boat twice in one afternoon. The garden is "
    "all weeds. If the rain stops before the weekend I will mend the fence, and paint the door. "
)


def plain(name):
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s.,'-]", " ", topics[name]))


def stretch(name, first, count):
    return plain(name).split(" ")[first : first + count]


def edited(original, share, seed=1):
    """Drop, swap, replace and insert words."""
    chance = random.Random(seed)  # noqa: S311  # made-up changes, not keys
    other, result = OTHER.split(), []
    for word in original:
        kind = chance.choice("dsri") if chance.random() < share else ""
        result += {
            "d": [],
            "s": [result.pop(), word][::-1] if kind == "s" and result else [word],
            "r": [chance.choice(other)],
            "i": [word, chance.choice(other)],
            "": [word],
        }[kind]
    return result


@pytest.fixture(scope="module")
def store():
    opened = MemoryStore()
    names = ("try", "class", "import", "execmodel", "typesseq", "specialnames", "naming", "lambda")
    works = [(Work(name, Kind.TEXT, name), fingerprint(plain(name))) for name in names]
    opened.put("manual", works, "a test")
    return opened


@pytest.fixture(scope="module")
def finder(store):
    return TextFinder(store, "manual")


def answer(copied):
    """An answer that has these words in its middle."""
    other = OTHER.split()
    return " ".join([*other[:45], *copied, *other[45:]])


def test_a_copy_tells_which_words_of_which_work_it_is(finder):
    text = answer(stretch("import", 100, 60))
    [match] = finder.find(text)
    assert match.work.id == "import"
    assert match.score > 0.95
    assert match.changed == 0
    assert 60 <= match.matched <= 64  # what looks like one word with a mark in it is two
    copied = " ".join(stretch("import", 100, 60))
    assert isinstance(match.where, Span)
    assert copied.strip(".,") in text[match.where.start : match.where.end] + "."
    work, read = plain("import"), words(plain("import"))
    assert (match.end - match.start + 1) == match.matched + match.changed
    assert work[read.starts[match.start - 1] :].startswith(copied[:50])
    assert 0.35 < match.share < 0.45


@pytest.mark.parametrize("name", ["import", "class", "specialnames", "execmodel"])
@pytest.mark.parametrize(
    ("count", "share"), [(40, 0.05), (60, 0.1), (60, 0.2), (120, 0.2), (120, 0.4)]
)
def test_changed_words_do_not_hide_a_copy(finder, name, count, share):
    changed = edited(stretch(name, 150, count), share)
    best = max(finder.find(answer(changed)), key=lambda match: match.score)
    assert best.work.id == name
    assert best.score >= 0.5
    assert best.changed


def test_case_line_ends_hyphens_and_accents_do_not_hide_a_copy(finder):
    copied = stretch("import", 100, 40)
    broken = [word[:3] + "-\n   " + word[3:] if len(word) > 8 else word.upper() for word in copied]
    [match] = finder.find("\n".join(broken).replace("E", "É"))
    assert (match.longest, match.changed) == (match.matched, 0)


def test_shuffled_sentences_are_one_copy(finder):
    sentences = [one.strip() for one in plain("execmodel").split(". ")[4:11]]
    random.Random(3).shuffle(sentences)  # noqa: S311  # made-up changes, not keys
    count = len(" ".join(sentences).split())
    best = finder.find(answer([". ".join(sentences)]))[0]
    assert best.work.id == "execmodel"
    assert best.matched > 0.7 * count
    assert best.longest < 0.5 * count


@pytest.mark.parametrize("count", [0, 1, 4, 8, 12])
def test_a_few_words_are_no_copy(finder, count):
    found = finder.find(answer(stretch("import", 100, count)))
    assert all(match.score < 0.2 for match in found)


def test_another_text_is_no_copy(finder):
    assert finder.find(OTHER) == ()


def test_from_eight_words_on_a_weak_match_is_told(finder):
    scores = [
        max(
            (match.score for match in finder.find(answer(stretch("import", 100, count)))), default=0
        )
        for count in (9, 12, 16, 20, 24, 40)
    ]
    assert 0 < scores[0] < 0.1
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("settings", "copy"),
    [
        ({}, True),
        ({"matched_words": 30}, True),
        ({"matched_words": 31}, False),
        ({"longest_run": 30}, True),
        ({"longest_run": 31}, False),  # what is not set is not asked for
        ({"longest_run": 50, "matched_words": 30}, True),  # either is enough
    ],
)
def test_thresholds_are_exactly_half(store, settings, copy):
    text = " ".join(["zyx", *stretch("import", 100, 30), "zyx"])
    [match] = TextFinder(store, "manual", **settings).find(text)
    assert match.matched == match.longest == 30
    assert (match.score >= 0.5) is copy
    if 30 in settings.values():
        assert match.score == 0.5


@pytest.mark.parametrize(
    ("marks", "count", "copy"),
    [
        ('"{}"', 22, False),
        ("“{}”", 22, False),
        ("«{}»", 22, False),
        ("„{}“", 22, False),
        ('"{}', 22, False),  # still being written
        ("{}", 22, True),
        ('"{}"', 40, True),  # too long for a quotation
        ('5" {}', 22, True),  # an inch
        ('He said "no", and {} "yes"', 22, True),  # between quotations
    ],
)
def test_short_quotations_are_no_copies(finder, marks, count, copy):
    text = answer([marks.format(" ".join(stretch("import", 100, count)))])
    if marks == '"{}':
        text = text[: text.index(OTHER.split()[45] + " " + OTHER.split()[46])]
    assert any(match.score >= 0.5 for match in finder.find(text)) is copy


def test_quotations_may_be_longer_or_not_allowed_at_all(store):
    text = answer(['"' + " ".join(stretch("import", 100, 30)) + '"'])
    assert TextFinder(store, "manual", allow_quotation=40).find(text) == ()
    [match] = TextFinder(store, "manual", allow_quotation=0).find(text)
    assert match.score > 0.5


def test_what_the_owner_allowed_is_found_with_the_consent(store):
    text = answer(stretch("lambda", 0, 40))
    store.consent("manual", ["lambda"], Consent.ALLOWED, "a test")
    [match] = TextFinder(store, "manual").find(text)
    assert match.work.consent is Consent.ALLOWED


def test_what_was_removed_is_not_found():
    store = MemoryStore()
    store.put("all", [(Work("try", Kind.TEXT), fingerprint(plain("try")))], "a test")
    finder, text = TextFinder(store, "all"), " ".join(stretch("try", 30, 40))
    assert finder.find(text)
    store.remove("all", ["try"], "a test")
    assert finder.find(text) == ()


def test_copies_of_several_works_are_told_apart(finder):
    text = answer([*stretch("import", 100, 40), *OTHER.split()[:30], *stretch("class", 200, 30)])
    assert {match.work.id for match in finder.find(text) if match.score > 0.5} == {
        "import",
        "class",
    }


def test_a_copy_in_a_script_without_spaces_is_found():
    store = MemoryStore()
    chance = random.Random(5)  # noqa: S311  # made-up letters, not keys
    letters = [chr(chance.randrange(0x4E00, 0x5A00)) for _ in range(800)]
    store.put("all", [(Work("book", Kind.TEXT), fingerprint("".join(letters)))], "a test")
    copied = "".join(letters[200:260])
    [match] = TextFinder(store, "all").find("他说" + copied + "。")
    assert (match.start, match.end, match.matched) == (201, 260, 60)
    assert match.where == Span(2, 62)
