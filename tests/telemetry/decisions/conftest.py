"""Verdicts, keys and every kind of log."""

import time

import pytest

from guardrails.core.content import Caller, Content, Stage
from guardrails.core.finding import Copied, Finding, Region
from guardrails.core.verdict import Action, Marked, Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.keys import LogKey, LogKeys
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.signing import Signer
from guardrails.telemetry.decisions.sqlite import Sqlite


def made_key(name="k1", seed=1):
    return LogKey(name, bytes([seed]) * 32, bytes([seed + 1]) * 32, Signer(bytes([seed + 2]) * 32))


def made_verdict(number=0, **changes):
    """A verdict with one report of every kind."""
    facts = {
        "id": f"{number:032x}",
        "action": Action.BLOCK,
        "content": Content((), Stage.INPUT, caller=Caller("acme", "jo@example.org")),
        "reports": (
            Report(
                "toxicity",
                "toxicity",
                Outcome.FOUND,
                Action.BLOCK,
                (
                    Finding("TOXICITY", 0.97, Span(3, 9), "says why"),
                    Finding("TOXICITY", 0.95, Region(0.1, 0.2, 0.3, 0.4), part=1),
                    Finding("COPIED", 1.0, copied=Copied("w1", "books", title="a title")),
                ),
                {"TOXICITY": 0.97, "INSULT": 0.2},
                (0, 1),
                "",
                4.5,
                {"TOXICITY": 0.9, "INSULT": 0.8},
                7,
            ),
            Report("pii", "pii", Outcome.UNJUDGED, Action.ALLOW, reason="not needed"),
        ),
        "policy": "chat",
        "policy_hash": "ab" * 32,
        "stage": Stage.INPUT,
        "reply": "told to the user",
        "models": {"text_guard": "cd" * 32},
        "milliseconds": 5.25,
        "sealed": "a secret token",
        "marks": (Marked("zero_width", "k9", 0, "beef", "beside"),),
        "fingerprint": "ef" * 32,
    }
    return Verdict(**{**facts, **changes})


@pytest.fixture
def key():
    return made_key()


@pytest.fixture
def keys(key):
    return LogKeys((key,))


@pytest.fixture
def verdict():
    return made_verdict


@pytest.fixture(params=["files", "sqlite"])
def opened(request, tmp_path):
    """Opens the same log, as often as it is called."""

    def open_it():
        if request.param == "files":
            return Files(tmp_path / "log")
        return Sqlite(tmp_path / "log.sqlite")

    return open_it


@pytest.fixture
def written(opened, key):
    """Writes verdicts into a log, with a checkpoint after every fourth record, and closes it."""

    def write(*verdicts, worker=0, key=key):
        log = DecisionLog(opened(), Terms(worker, key, checkpoint_records=4))
        for one in verdicts:
            log.record(one)
        log.close()
        return opened()

    return write


@pytest.fixture
def until():
    """Waits until something is true."""

    def wait(true, seconds=10.0):
        late = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < late, "it did not come true in time"
            time.sleep(0.01)

    return wait


@pytest.fixture
def another_key():
    return made_key("k2", 7)
