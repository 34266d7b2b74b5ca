"""Works travel whole, in both directions, and without what a client has no use for."""

import subprocess
import sys
from datetime import UTC, datetime

import grpc
import pytest

from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.core.view import Span
from guardrails.wire import works as convert
from guardrails.wire import works_pb2 as pb
from guardrails.wire.status import code_of
from guardrails.works.errors import UnknownWorkError, WorksError
from guardrails.works.match import Match
from guardrails.works.records import Credited, Record
from guardrails.works.work import Consent, Kind, Work

FULL = Work(
    id="n1",
    kind=Kind.NAME,
    title="Títle",
    owner="Ada",
    source="https://example.org",
    licence="CC-BY-4.0",
    consent=Consent.OPTED_OUT,
    contact="a@example.org",
    created="1999",
    content_hash="ab" * 32,
    added=datetime(2026, 5, 1, 12, tzinfo=UTC),
    aliases=("one", "two"),
)
AREA = Region(0.1, 0.2, 0.3, 0.4)


@pytest.mark.parametrize("work", [FULL, Work("x", Kind.TEXT)])
def test_a_work_comes_back_as_it_was(work):
    assert convert.work(convert.work_message(work)) == work


@pytest.mark.parametrize(
    "match",
    [
        Match(FULL, 0.75, Span(3, 90), 7, 20, None, 12, 2, 8, 0.5),
        Match(FULL, 0.75, AREA, region=AREA, matched=9, share=0.25, how="mirrored"),
        Match(FULL, 0.5, None),
    ],
)
def test_a_match_comes_back_as_it_was(match):
    assert convert.match(convert.match_message("novels", match)) == ("novels", match)


def test_lines_of_the_journal_and_the_ledger_come_back_as_they_were():
    record = Record(7, "2026-05-01T12:00:00+00:00", "add", "novels", "n1", "ab", "why", "cd", "ef")
    owed = Credited("Ada", 3, 300, 40, 1)

    assert convert.record(convert.record_message(record)) == record
    assert convert.credited(convert.credited_message(owed)) == owed


@pytest.mark.parametrize(
    ("kind", "content"),
    [(Kind.TEXT, "words"), (Kind.CODE, "x = 1"), (Kind.IMAGE, b"\x89PNG"), (Kind.NAME, "")],
)
def test_a_work_travels_with_what_it_is_made_of(kind, content):
    work = Work("x", kind)

    assert convert.original(convert.add_request(work, content)) == (work, content)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (pb.AddRequest(), "work '': kind is not set"),
        (pb.AddRequest(work=pb.Work(kind=pb.KIND_TEXT), text="x"), "a work has no id"),
        (pb.AddRequest(work=pb.Work(id="a", kind=pb.KIND_TEXT)), "has no text, set 'text'"),
        (
            pb.AddRequest(work=pb.Work(id="a", kind=pb.KIND_TEXT), code="x"),
            "work 'a': a work of kind 'text' has no text, set 'text'",
        ),
        (
            pb.AddRequest(work=pb.Work(id="a", kind=pb.KIND_NAME), text="x"),
            "work 'a': a work of kind 'name' takes no content",
        ),
        (pb.AddRequest(work=pb.Work(id="a", kind=99), text="x"), "kind 99 is unknown"),
        (
            pb.AddRequest(work=pb.Work(id="a", kind=pb.KIND_TEXT, consent=9), text="x"),
            "consent 9 is unknown, send one of: unknown, allowed, opted_out, taken_down",
        ),
    ],
)
def test_a_work_that_cannot_be_is_refused(message, said):
    with pytest.raises(ContentError) as raised:
        convert.original(message)

    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorksError("x"), grpc.StatusCode.UNAVAILABLE),
        (UnknownWorkError("x"), grpc.StatusCode.NOT_FOUND),
    ],
)
def test_errors_of_works_have_their_codes(error, code):
    assert code_of(error) is code


def test_the_client_of_works_is_light():
    script = (
        "import sys, guardrails.client.works; "
        "print({'numpy', 'pydantic', 'PIL', 'cv2', 'starlette'} & set(sys.modules))"
    )
    ran = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "set()"
