"""The numbers and the tests that docs/security.md names are those of the code."""

import re
from pathlib import Path

import pytest

from guardrails.checks import normalise
from guardrails.hiding import sealing
from guardrails.policy import source
from guardrails.policy.terms import Limits as PolicyLimits
from guardrails.server.config import Limits
from guardrails.server.openai import bodies, lanes, reading, sse
from guardrails.wire import convert

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text()
MIB = 1 << 20
SERVER, POLICY = Limits(), PolicyLimits()
ROWS = {
    row[0]: row[1]
    for line in TEXT.partition("## Limits")[2].partition("## ")[0].splitlines()
    if len(row := [cell.strip() for cell in line.strip("| ").split("|")]) == 3
}
TOLD = [
    ("bytes of a request or an answer", SERVER.message_bytes),
    ("places for what is judged at a time", SERVER.in_flight),
    ("requests that wait", SERVER.waiting),
    ("bytes of all that wait", SERVER.waiting_bytes),
    ("seconds that a stream may stand still", SERVER.idle_seconds),
    ("seconds for what is in flight at SIGTERM", SERVER.grace_seconds),
    ("characters of a request, with its prompt", POLICY.characters),
    ("parts of a request", POLICY.parts),
    ("pixels of a picture, all judged frames together", POLICY.pixels),
    ("frames that are judged", POLICY.frames),
    ("texts and pictures of a JSON body", reading.MOST),
    ("depth of a JSON body", bodies.DEPTH),
    ("bytes of an event of a stream", sse.EVENT_BYTES),
    ("bytes of events that wait for their verdict", lanes.HELD_BYTES),
    ("bytes of a sealed token", sealing.MOST),
    ("encodings within encodings", normalise.DEPTH),
    ("bytes of a policy file", source.BYTES),
    ("depth of a policy file", source.DEPTH),
]


@pytest.mark.parametrize(("what", "value"), TOLD)
def test_a_limit_is_as_it_is_told(what, value):
    number, _, unit = ROWS[what].partition(" ")

    assert int(number.replace(",", "")) * (MIB if unit == "MiB" else 1) == value


def test_every_limit_that_is_told_is_held_to_the_code():
    assert set(ROWS) - {"what", "---"} == {what for what, _ in TOLD}
    assert f"more than {convert.MOST_PARTS:,} are refused" in TEXT


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/.]+)`", TEXT))))
def test_a_test_that_is_named_is_there(path):
    assert (ROOT / path).exists()
