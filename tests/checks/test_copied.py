"""Checks on copies, with a real store: what is found, what is permitted, what is told of it."""

import base64
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pixels

from guardrails.checks.catalog import BUILTIN, load
from guardrails.checks.normalise import views
from guardrails.core.content import Image, Text
from guardrails.core.view import Span
from guardrails.models.pixels import decode
from guardrails.works.hashed import new_salt, packed
from guardrails.works.library import Library, Original
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work

PROSE = (
    "The lighthouse keeper counted eleven herring boats beyond the bar before the fog took them, "
    "and wrote the number down in pencil, because ink had frozen in the well that week and would "
    "freeze again, he thought, long before the last of those lanterns had come home to the quay."
)
VERSE = (
    "Seven grey geese went over the mill where nobody grinds any more, said the miller's wife to "
    "the empty sacks, and the river answered her with ice, as it had answered her mother before."
)
CODE = """
def merge_intervals(intervals, gap=0):
    merged = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged
"""
RENAMED = """
def join_spans(spans, slack=0):
    out = []
    for lo, hi in sorted(spans):
        if out and lo <= out[-1][1] + slack:
            out[-1] = (out[-1][0], max(out[-1][1], hi))
        else:
            out.append((lo, hi))
    return out
"""


def picture():
    rough = np.random.default_rng(11).integers(0, 256, (40, 60, 3), np.uint8)
    return Pixels.fromarray(rough).resize((480, 320), Pixels.Resampling.BICUBIC)


def encoded(image):
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def where(tmp_path):
    """A store with a work of each kind."""
    folder = str(tmp_path / "works")
    store = open_store(folder)
    work = Work("fog", Kind.TEXT, "Fog", "Ida Holm", licence="all rights reserved")
    code = Work("merge.py", Kind.CODE, "merge.py", "Ove Dahl", licence="MIT")
    image = Work("rough", Kind.IMAGE, "Rough", "Mia Berg")
    Library(store, "all").add(
        [
            Original(work, PROSE),
            Original(replace(work, id="geese", title="Geese"), VERSE),
            Original(code, CODE),
            Original(image, encoded(picture())),
        ]
    )
    store.close()
    return folder


def built(check, where, **settings):
    kind = load(BUILTIN[check])
    return kind(kind.Settings.model_validate({"store": where, "collection": "all", **settings}))


async def found(check, text):
    return await check.inspect(Text(text, derived=views(text)))


async def test_a_passage_is_told_with_its_work_and_both_places(where):
    text = f"As the old man wrote: {PROSE} That was all."
    [one] = [each for each in await found(built("copied_text", where), text) if each.score >= 0.5]
    assert text[one.where.start : one.where.end].startswith("lighthouse keeper counted")
    assert (one.copied.title, one.copied.owner, one.copied.consent) == (
        "Fog",
        "Ida Holm",
        "unknown",
    )
    assert (one.copied.start, one.copied.end, one.copied.longest) == (2, 50, 49)
    assert one.evidence.startswith("49 words equal words 2 to 50 of 'Fog' by Ida Holm, 0 changed")


@pytest.mark.parametrize(
    ("settings", "text", "copied"),
    [
        ({}, PROSE, True),
        ({}, PROSE.replace("herring", "cod").replace("pencil", "chalk"), True),
        ({"longest_run": 60}, PROSE, False),
        ({"longest_run": 50}, PROSE, True),
        ({"matched_words": 60}, PROSE, False),
        ({"allow_quotation": 60}, f'He said: "{PROSE}"', False),
        ({"allow_quotation": 20}, f'He said: "{PROSE}"', True),
        ({}, base64.b64encode(PROSE.encode()).decode(), True),  # hidden, and found all the same
        ({}, "The keeper of the lighthouse counted the boats in the fog, eleven of them.", False),
    ],
)
async def test_what_is_a_copy_is_for_the_policy_to_say(where, settings, text, copied):
    findings = await found(built("copied_text", where, **settings), text)
    assert any(one.score >= 0.5 for one in findings) is copied


async def test_code_is_found_when_it_is_renamed_with_its_lines_and_its_licence(where):
    text = f"Use this:\n```python\n{RENAMED}```\n"
    [one] = await found(built("copied_code", where), text)
    assert one.score >= 0.5
    assert (one.copied.id, one.copied.licence) == ("merge.py", "MIT")
    assert 1 <= one.copied.start <= 3
    assert 9 <= one.copied.end <= 10
    assert isinstance(one.where, Span)


@pytest.mark.parametrize(
    ("licences", "permitted"), [([], False), (["MIT", "Apache-2.0"], True), (["GPL-3.0"], False)]
)
async def test_a_licence_that_the_policy_allows_permits_a_copy(where, licences, permitted):
    [one] = await found(built("copied_code", where, allow_licences=licences), CODE)
    assert one.copied.permitted is permitted


async def test_what_an_owner_says_counts_at_once_and_more_than_the_licence(where):
    check, store = built("copied_code", where, allow_licences=["MIT"]), open_store(where)
    told = []
    for consent in (Consent.UNKNOWN, Consent.TAKEN_DOWN, Consent.OPTED_OUT, Consent.ALLOWED):
        store.consent("all", ["merge.py"], consent, "a letter")
        told += [one.copied.permitted for one in await found(check, CODE)]
    store.remove("all", ["merge.py"], "a letter")
    assert told == [True, False, False, True]
    assert await found(check, CODE) == ()
    store.close()


async def test_a_text_that_was_not_handed_over_is_found_by_its_hashes(where):
    store, text = open_store(where), f"{PROSE} {VERSE}".upper()
    Library(store, "all").remove(["fog", "geese"])
    salt = new_salt()
    work = Work(f"{salt}/secret", Kind.HASHED, "Secret")
    listed = Original(work, packed(f"{PROSE} {VERSE}", salt))
    Library(store, "all").add([listed])
    [one] = [each for each in await found(built("copied_text", where), text) if each.score >= 0.5]
    assert (one.copied.title, one.copied.kind) == ("Secret", "hashed")
    assert one.evidence.endswith("equal words of 'Secret', known by their hashes")
    store.close()


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (lambda one: one, "the same picture"),
        (lambda one: one.transpose(Pixels.Transpose.FLIP_LEFT_RIGHT), "mirrored"),
        (lambda one: one.crop((60, 40, 420, 280)), "a part"),
    ],
)
async def test_a_picture_is_found_and_told_how(where, change, how):
    data = encoded(change(picture()))
    subject = Image(data, frames=decode(data, pixels=10**7, most=1).frames)
    [one] = await built("copied_image", where).inspect(subject)
    assert one.score >= 0.5
    assert one.copied.title == "Rough"
    assert how in one.evidence


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"store": "nowhere"}, "no store of works at 'nowhere'"),
        ({"collection": "al"}, "no collection 'al' in the store, there is: 'all'"),
        ({"store": "mysql://here"}, "no store at 'mysql://'"),
    ],
)
def test_a_store_that_is_not_there_is_told_when_the_policy_is_loaded(where, settings, message):
    kind = load(BUILTIN["copied_text"])
    with pytest.raises(ValueError, match=message):
        kind(kind.Settings.model_validate({"store": where, "collection": "all"} | settings))
