"""Do-not-copy lists: copies of a text are found by hashes alone, and the text is not in them."""

import base64
import json
import re
from pydoc_data.topics import topics

import numpy as np
import pytest

from guardrails.works.errors import WorksError
from guardrails.works.hashed import MATCHED_WORDS, WIDTH, HashedFinder, new_salt, packed
from guardrails.works.library import Library, Original
from guardrails.works.sources.lists import ListSource, head, line, salt_of
from guardrails.works.sources.source import Broken, SourceError
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work

OTHER = (
    "The parcel that you sent on Monday has come, and my sister and I unpacked it in the kitchen. "
    "Nothing was broken but one of the green cups, which lost its handle."
)
NAMES = ("try", "class", "import", "execmodel", "typesseq", "specialnames")


def plain(name):
    return " ".join(re.findall(r"[^\W_]+", topics[name]))


def stretch(name, first, count):
    return plain(name).split()[first : first + count]


def written(path, names, salt):
    works = [Original(Work(name, Kind.TEXT, name.title(), "Guido"), plain(name)) for name in names]
    path.write_text(head(salt) + "".join(line(one, salt) for one in works))
    return ListSource(path)


@pytest.fixture
def listed(tmp_path):
    """A finder in a collection that imported two lists."""
    return imported(tmp_path, MemoryStore())


def imported(tmp_path, store):
    for number, names in enumerate((NAMES[:3], NAMES[3:])):
        source = written(tmp_path / f"{number}.hashes", names, new_salt())
        Library(store, "c").add(source.read())
    return HashedFinder(store, "c")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("first", [3, 40])
def test_each_run_of_31_words_is_found_wherever_it_begins(listed, name, first):
    least = MATCHED_WORDS + WIDTH - 1
    answer = f"As they say, {' '.join(stretch(name, first, least))} and so it goes on."
    (match,) = listed.find(answer)

    assert match.work.title == name.title()
    assert match.score >= 0.5
    assert 24 <= match.matched == match.longest <= least
    copied = answer[match.where.start : match.where.end].split()
    assert " ".join(copied) in " ".join(stretch(name, first, least))
    assert len(copied) == match.matched


def test_changed_words_cost_the_tile_they_stand_in(listed):
    words = stretch("execmodel", 10, 80)
    words[30], words[60] = "BANANA", "PLUM"
    (match,) = listed.find(" ".join(words))

    assert match.matched >= 48
    assert match.changed in {16, 9, 8}
    assert match.score > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a few words",
        OTHER,
    ],
)
def test_what_is_in_no_list_is_not_found(listed, text):
    assert listed.find(text) == []


def test_a_stretch_that_is_too_short_is_no_copy(listed):
    assert all(match.score < 0.5 for match in listed.find(" ".join(stretch("try", 0, 23))))


def test_case_and_punctuation_do_not_matter(listed):
    shouted = " -- ".join(stretch("class", 5, 40)).upper()
    assert listed.find(shouted)[0].work.title == "Class"


def test_a_list_holds_hashes_and_nothing_of_the_text(tmp_path):
    salt = new_salt()
    written(tmp_path / "a.hashes", ["try"], salt)
    first, second = map(json.loads, (tmp_path / "a.hashes").read_text().splitlines())
    hashes = np.frombuffer(base64.b64decode(second["hashes"]), "<u4")

    assert first["salt"] == salt
    assert second.keys() == {"id", "title", "owner", "hashes"}
    assert len(hashes) <= len(plain("try").split()) / WIDTH * 1.3
    assert (np.diff(hashes.astype(np.int64)) > 0).all()  # their order says nothing


def test_the_same_text_has_other_hashes_in_another_list():
    one, other = (packed(plain("try"), new_salt()) for _ in range(2))
    kept = [set(np.frombuffer(base64.b64decode(part), "<u4").tolist()) for part in (one, other)]
    assert not kept[0] & kept[1]


def test_lists_of_one_salt_are_looked_up_together(tmp_path):
    store, salt = MemoryStore(), new_salt()
    for number, name in enumerate(NAMES[:3]):
        Library(store, "c").add(written(tmp_path / f"{number}.hashes", [name], salt).read())
    Library(store, "c").add(written(tmp_path / "4.hashes", NAMES[3:], "f" * 16).read())

    assert HashedFinder(store, "c").salts() == sorted([salt, "f" * 16])


def test_consent_and_removal_hold_at_once_in_each_store(tmp_path, store):
    listed = imported(tmp_path, store)
    answer = " ".join(stretch("import", 0, 60))
    (match,) = listed.find(answer)
    library = Library(store, "c")
    library.consent(Consent.TAKEN_DOWN, [match.work.id])
    assert listed.find(answer)[0].work.consent is Consent.TAKEN_DOWN
    library.remove([match.work.id])
    assert listed.find(answer) == []


def test_a_list_is_kept_in_a_folder_and_not_imported_twice(tmp_path):
    source = written(tmp_path / "a.hashes", NAMES, new_salt())
    store = open_store(str(tmp_path / "store"))
    first, second = (Library(store, "c").add(source.read()) for _ in range(2))
    store.close()
    again = open_store(str(tmp_path / "store"))

    assert (first.added, second.added, second.unchanged) == (len(NAMES), 0, len(NAMES))
    assert HashedFinder(again, "c").find(" ".join(stretch("try", 0, 40)))[0].work.title == "Try"
    again.close()


def test_a_text_that_is_too_short_is_refused():
    with pytest.raises(WorksError) as caught:
        line(Original(Work("a", Kind.TEXT), "only a few words"), new_salt())
    assert str(caught.value) == "'a': has 4 words, 24 are needed"


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("", "is no do-not-copy list, make one with 'guardrails works hash'"),
        ("[]", "is no do-not-copy list, make one with 'guardrails works hash'"),
        (head("0" * 16).replace('"version": 1', '"version": 2'), "is of another version"),
        (head("0" * 15), "is damaged, make the list anew"),
        (head("/" * 16), "is damaged, make the list anew"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path, first, message):
    (tmp_path / "a.hashes").write_text(first)
    with pytest.raises(SourceError, match=message):
        salt_of(tmp_path / "a.hashes")


@pytest.mark.parametrize("row", ["words", '{"id": "a"}', '{"id": "", "hashes": "AAAA"}'])
def test_a_line_that_is_damaged_is_told_of(tmp_path, row):
    path = tmp_path / "a.hashes"
    path.write_text(f"{head('0' * 16)}{row}\n")
    (item,) = ListSource(path).read()
    assert isinstance(item, Broken)
    assert item.place == f"{path}:2"


def test_hashes_that_are_damaged_are_told_of(tmp_path):
    path = tmp_path / "a.hashes"
    path.write_text(f"{head('0' * 16)}" + json.dumps({"id": "a", "hashes": "AAA"}) + "\n")
    told = []
    Library(MemoryStore(), "c").add(ListSource(path).read(), failed=told.append)
    assert list(map(str, told)) == [
        f"works: '{'0' * 16}/a': its hashes are damaged, make the list anew"
    ]
