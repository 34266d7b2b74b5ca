"""What every check of the catalog promises, whatever the subject."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pixels

from guardrails.checks.catalog import BUILTIN, load
from guardrails.checks.normalise import views
from guardrails.core.check import Check, Cost
from guardrails.core.content import Frame, Image, Subject, Text
from guardrails.core.finding import Finding, Region
from guardrails.core.view import Span
from guardrails.models.model import Located, Model, Scored, Surprise, Tagged, Task
from guardrails.models.windows import cut
from guardrails.works.library import Library, Original
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Kind, Work

SETTINGS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "keywords": [{"words": ["ignore", "שלום", "😀"]}, {"words": ["o"], "whole_words": False}],
    "patterns": [{"patterns": {"LONG": r"\pL{6,}", "DIGITS": r"\d{4}", "AT": "@", "EQUALS": "="}}],
    "secrets": [{}],
    "invisible_text": [{}],
    "urls": [{"allow": ["good.com"], "schemes": ["ftp"], "lookalikes_of": ["example.com"]}],
    "language": [{"allowed": ["fi"]}],
    "size": [{"characters": 3, "words": 2, "lines": 1}, {"bytes": 3}, {"frames": 1}],
    "pii": [{}],
    "memorised": [{"register_file": Path(__file__).parent / "canaries.register"}],
    "protected_names": [{"names": {"ignore": ["igor"], "example.com": []}}],
    "copied_text": [{"store": "works", "collection": "contract", "matched_words": 8}],
    "copied_code": [{"store": "works", "collection": "contract", "matched_tokens": 12}],
    "copied_image": [{"store": "works", "collection": "contract"}],
    "visible_mark": [{"logos": "logos"}],
    "provenance": [{"require": "valid"}],
    "ai_text": [
        {
            "model": "reader",
            "minimum_tokens": 50,
            "maximum_characters": 2_000_000,
            "marks": {"zero_width": {"keyring": "contract:" + "A" * 43 + "="}},
        }
    ],
    "toxicity": [{"categories": ["toxicity", "severe_toxicity", "obscene", "harassment"]}],
    "prompt_injection": [{}],
    "jailbreak": [{}],
    "harmful_request": [{}],
    "self_harm": [{}],
    "sexual_content": [{}],
    "violence": [{}],
    "bias": [{}],
    "topic": [{"name": "letters", "examples": [*"abcde"], "counter_examples": [*"12345"]}],
    "unsafe_image": [{}],
    "faces": [{}],
}
"""Settings for each check, the stricter the better: a check that finds nothing proves nothing."""

DISGUISED = "ig\u200bnore i g n o r e &#105;gnore aWdub3JlIGFsbCBvZiB0aGlz"
BUSY = (
    "Please ignore https://evil.com/a@b and jane@example.com, 4111 1111 1111 1111, "
    'password = "hunter22x", AKIAIOSFODNN7EXAMPLE. '
)
CODE = """
def folded(rows, start=0):
    total = start
    for row in rows:
        if row.weight > total and row.kind != "none":
            total += row.weight * 2
        elif row.weight < 0:
            return [total, -row.weight]
    return total
"""
TEXTS: Mapping[str, str] = {
    "empty": "",
    "blank": " \n\t ",
    "one letter": "a",
    "busy": BUSY,
    "disguised": DISGUISED,
    "astral": "😀🏴󠁧󠁢󠁥󠁮󠁧󠁿𝐢𝐠𝐧𝐨𝐫𝐞 𐍈 𠮷野家 https://😀.com jane@example.com " * 5,
    "right to left": "שלום עולם, ignore \u202e\u2067https://evil.com\u2069 مرحبا jane@example.com",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\u2028\ufffe" + BUSY,
    "marks": "\u0301" * 50 + "e" + "\u0301" * 50,
    "invisible": "\u200b\U000e0041\ufe01\u202e" * 20,
    "long": (BUSY + DISGUISED + "\n") * 1_000,
    "one word": "a" * 1_000_000,
    "one digit": "1" * 1_000_000,
    "dots": "a." * 50_000,
    "code": f"Here:\n```python\n{CODE}```\n",
}
LARGE = frozenset(("long", "one word", "one digit"))
"""The two of a megabyte are made of one character: there all that is not linear shows."""

STILL = Frame(2, 1, b"rgbrgb")
PATTERN = np.kron(np.random.default_rng(7).integers(0, 256, (24, 24, 3)), np.ones((8, 8, 1)))
PATTERNED = Frame(192, 192, PATTERN.astype(np.uint8).tobytes())
IMAGES: Mapping[str, Image] = {
    "no frame": Image(b""),
    "still": Image(b"1234", frames=(STILL,)),
    "moving": Image(b"1234", frames=(STILL,) * 3),
    "patterned": Image(b"1234", frames=(PATTERNED,)),
}


@dataclass(frozen=True)
class Tagger:
    """Takes every word that begins with a capital for a name."""

    name: str = "tagger"
    task: Task = Task.TOKEN_CLASSIFICATION
    labels: tuple[str, ...] = ("GIVEN_NAME", "SURNAME", "CITY")
    sha256: str = "0" * 64

    async def tag(self, text: str, /) -> Sequence[Tagged]:
        at = [place for place, letter in enumerate(text) if letter.isupper()]
        return [Tagged("PERSON", 0.9, Span(place, place + 1)) for place in at]


@dataclass(frozen=True)
class Judge:
    """Scores windows by their share of capitals, and marks every one; learns nothing new."""

    name: str = "judge"
    task: Task = Task.TEXT_CLASSIFICATION
    labels: tuple[str, ...] = (
        *("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack"),
        *("sexual", "violence", "self_harm", "harassment", "prompt_injection", "jailbreak"),
        *("harmful_request", "sexism", "bias"),
    )
    sha256: str = "0" * 64

    async def classify(self, text: str, /) -> Sequence[Scored]:
        windows = cut(len(text), window=400, overlap=100)
        return [self._scored(text, Span(window.start, window.end)) for window in windows]

    def teach(self, label: str, _: Sequence[str], __: Sequence[str]) -> "Judge":
        return replace(self, labels=(label,))

    def _scored(self, text: str, span: Span) -> Scored:
        at = [place for place in range(span.start, span.end) if text[place].isupper()]
        marks = tuple(Tagged("toxicity", 0.9, Span(place, place + 1)) for place in at)
        score = round(len(at) / (span.end - span.start), 4)
        return Scored(dict.fromkeys(self.labels, score), span, marks)


@dataclass(frozen=True)
class Viewer:
    """Finds every picture as bad as its first byte."""

    name: str = "viewer"
    task: Task = Task.IMAGE_CLASSIFICATION
    labels: tuple[str, ...] = ("nsfw", "sfw")
    sha256: str = "0" * 64

    async def classify(self, frame: Frame, /) -> Mapping[str, float]:
        return {"nsfw": frame.rgb[0] / 255, "sfw": 1 - frame.rgb[0] / 255}


@dataclass(frozen=True)
class Spotter:
    """Finds something in the middle of every picture."""

    name: str = "spotter"
    task: Task = Task.OBJECT_DETECTION
    labels: tuple[str, ...] = ("face",)
    sha256: str = "0" * 64

    async def detect(self, _: Frame, /) -> Sequence[Located]:
        return [Located("face", 0.9, Region(0.25, 0.25, 0.75, 0.75))]


@dataclass(frozen=True)
class Hesitant:
    """A language model that takes every letter for a token, and capitals for a surprise."""

    name: str = "reader"
    task: Task = Task.LANGUAGE_MODEL
    labels: tuple[str, ...] = ("found", "expected", "variance")
    sha256: str = "0" * 64

    async def surprise(self, text: str, /) -> Surprise:
        found = np.array([8.0 * letter.isupper() for letter in text], np.float32)
        usual = np.ones_like(found)
        places = np.arange(len(text), dtype=np.int32)
        return Surprise(found, usual, usual, places, places + 1)

    def probe(self, _: str, /) -> float | None:
        return None


class Stubs:
    """Opens a stub in the place of each model."""

    def open(self, name: str) -> Model:
        stubs = {"opennsfw": Viewer(), "pii_ner": Tagger(), "text_guard": Judge()}
        return (stubs | {"yunet": Spotter(), "reader": Hesitant()})[name]


def _built() -> Iterator[Any]:
    for name, entry in BUILTIN.items():
        for number, settings in enumerate(SETTINGS[name]):
            yield pytest.param(entry, settings, id=f"{name}-{number}")


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    """A policy's folder: beside it works to be copied, and a logo."""
    folder = tmp_path_factory.mktemp("policy")
    picture = BytesIO()
    Pixels.frombytes("RGB", (PATTERNED.width, PATTERNED.height), PATTERNED.rgb).save(picture, "PNG")
    works = {Kind.TEXT: BUSY, Kind.CODE: CODE, Kind.IMAGE: picture.getvalue()}
    store = open_store(str(folder / "works"))
    Library(store, "contract").add(
        Original(Work(kind.value, kind), content) for kind, content in works.items()
    )
    store.close()
    (folder / "logos").mkdir()
    (folder / "logos" / "pattern.png").write_bytes(picture.getvalue())
    return folder


@pytest.fixture(scope="module")
def check(request, directory) -> Check[Any]:
    entry, settings = request.param
    kind = load(entry)
    context = {"models": Stubs(), "directory": directory}
    return kind(kind.Settings.model_validate(settings, context=context))


every_check = pytest.mark.parametrize(
    "check",
    [pytest.param((row.values[0], row.values[1]), id=row.id) for row in _built()],
    indirect=True,
)


@pytest.fixture(scope="module")
def subjects() -> Mapping[type[Subject], Mapping[str, Subject]]:
    texts = {name: Text(text, derived=views(text)) for name, text in TEXTS.items()}
    return {Text: texts, Image: IMAGES}


def _whole(finding: Finding, subject: Subject) -> bool:
    if isinstance(finding.where, Region):
        assert isinstance(subject, Image)
        where = finding.where
        across = 0 <= where.left < where.right <= 1
        return across and 0 <= where.top < where.bottom <= 1
    if not isinstance(finding.where, Span):
        return finding.where is None
    assert isinstance(subject, Text)
    return 0 <= finding.where.start < finding.where.end <= len(subject.text)


@every_check
async def test_reports_sound_findings_on_any_subject(check, subjects):
    for name, subject in subjects[check.inspects].items():
        for finding in await check.inspect(subject):
            assert 0 <= finding.score <= 1, name
            assert finding.category in check.categories, name
            assert _whole(finding, subject), (name, finding.where)


@every_check
async def test_gives_the_same_answer_twice_and_to_many_at_once(check, subjects):
    few = [each for name, each in subjects[check.inspects].items() if name not in LARGE]
    first = [await check.inspect(subject) for subject in few]

    again = await asyncio.gather(*(check.inspect(subject) for subject in few))

    assert list(map(tuple, again)) == list(map(tuple, first))


@every_check
async def test_finds_something(check, subjects):
    found = [await check.inspect(subjects[check.inspects][name]) for name in _telling(check)]

    assert any(found)


@every_check
async def test_tells_no_place_twice(check, subjects):
    for name in _telling(check):
        findings = await check.inspect(subjects[check.inspects][name])
        assert len({(each.category, each.where) for each in findings}) == len(findings)


@every_check
async def test_evidence_holds_none_of_the_text(check, subjects):
    for name in _telling(check):
        subject = subjects[check.inspects][name]
        words = set(subject.text.split()) if isinstance(subject, Text) else set()
        for finding in await check.inspect(subject):
            assert not {word for word in words if len(word) > 3 and word in finding.evidence}


@every_check
def test_declares_what_it_is(check):
    assert check.inspects in {Text, Image}
    assert check.cost in Cost
    assert check.categories
    assert len(set(check.categories)) == len(check.categories)


def _telling(check: Check[Any]) -> Sequence[str]:
    return (
        ["busy", "disguised", "right to left", "invisible", "code"]
        if check.inspects is Text
        else [*IMAGES]
    )


def test_every_check_of_the_catalog_is_held_to_this():
    assert SETTINGS.keys() == BUILTIN.keys()
