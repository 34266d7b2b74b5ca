"""Works that are the same document are told, and works that are not are left alone."""

import random
import re
from pydoc_data.topics import topics

import pytest

from guardrails.works.dedupe import groups
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.library import Library, Original
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Consent, Kind, Work

NAMES = (("n", "Ada L"), ("m", "ada  l"))
CODE = '''
def mean(values):
    """Give the mean of values."""
    total = 0
    for value in values:
        if value is None:
            raise ValueError("a value is missing")
        total += value
    return total / max(len(values), 1)
'''


@pytest.fixture
def kept():
    return MemoryStore()


def plain(name):
    return re.sub(r"\s+", " ", topics[name])


def edited(text, share, seed=1):
    chance = random.Random(seed)  # noqa: S311  # made-up changes, not keys
    return " ".join("other" if chance.random() < share else word for word in text.split())


def add(store, *works, kind=Kind.TEXT, **terms):
    originals = [Original(Work(name, kind, **terms), content) for name, content in works]
    Library(store, "c").add(originals)


def found(store, **options):
    return [
        [one.kept.id, *(work.id for work in one.others)] for one in groups(store, "c", **options)
    ]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda text: text, True),
        (str.upper, True),
        (lambda text: f"{text} The end.", True),
        (lambda text: edited(text, 0.01), True),
        (lambda text: edited(text, 0.5), False),
        (lambda text: text[: len(text) // 2], False),  # a part is not the same document
    ],
)
def test_a_text_is_the_same_until_too_much_of_it_is_changed(kept, change, same):
    names = ("execmodel", "specialnames", "import", "class")
    add(kept, *((name, plain(name)) for name in names))
    add(kept, ("x", change(plain("specialnames"))))
    assert found(kept) == ([["specialnames", "x"]] if same else [])


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_how_much_must_be_the_same_can_be_said(kept, share):
    add(kept, ("a", plain("class")), ("b", edited(plain("class"), 0.08)))
    assert found(kept, least=share) == ([["a", "b"]] if share < 1 else [])


@pytest.mark.parametrize("text", ["one", "two words", "five words are here now", "word " * 500])
def test_short_and_dull_texts_are_compared_too(kept, text):
    add(kept, ("a", text), ("b", text.upper()), ("c", f"other {plain('try')}"))
    assert found(kept) == [["a", "b"]]


def test_renamed_code_is_the_same_in_another_layout(kept):
    add(kept, ("a.py", CODE), ("b.py", CODE.replace("    ", "\t")), kind=Kind.CODE)
    add(kept, ("c.py", "import os\nprint(os.getcwd())\n"), kind=Kind.CODE)
    assert found(kept) == [["a.py", "b.py"]]


def test_kinds_are_not_mixed(kept):
    add(kept, ("a", CODE))
    add(kept, ("b", CODE), kind=Kind.CODE)
    assert found(kept) == []


def test_pictures_and_names_are_the_same_when_they_are_equal(store, made):
    picture = made(1, width=68, hashed=True)
    works = [(Work(name, Kind.IMAGE, content_hash="aa"), picture) for name in ("p", "q")]
    works += [(Work("r", Kind.IMAGE, content_hash="bb"), made(2, width=68, hashed=True))]
    names = [(Work(name, Kind.NAME, title), Fingerprint()) for name, title in NAMES]
    store.put("c", [*works, *names], "a test")
    assert found(store) == [["m", "n"], ["p", "q"]]


def test_the_one_to_keep_is_that_whose_owner_allows_the_least(kept):
    add(kept, *((name, plain("try")) for name in "abc"))
    Library(kept, "c").consent(Consent.ALLOWED, ["a"])
    Library(kept, "c").consent(Consent.OPTED_OUT, ["c"])
    assert found(kept) == [["c", "b", "a"]]


def test_works_of_other_owners_are_not_to_be_removed(kept):
    add(kept, ("a", plain("try")), ("b", plain("try")), owner="Ada")
    add(kept, ("c", plain("try")), owner="Charles")
    (group,) = groups(kept, "c")
    assert [work.id for work in group.others] == ["b", "c"]
    assert [work.id for work in group.removable] == ["b"]
