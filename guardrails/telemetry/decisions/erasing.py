"""Takes records away so that the chain says so: whom they are of, or how old they are."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from guardrails.telemetry.chain import Anchor
from guardrails.telemetry.decisions.line import Writer, chained, read, tombstone
from guardrails.telemetry.decisions.record import Body, moment
from guardrails.telemetry.decisions.signing import Signer
from guardrails.telemetry.decisions.store import Record, Store

_KINDS = frozenset({"verdict", "shadow"})


def erase(
    store: Store, of: Callable[[Record], bool], note: Body, signer: Signer | None = None
) -> int:
    """Put tombstones in the place of records; the note goes first, so that none is unexplained."""
    erased = 0
    for worker in store.workers():
        numbers: list[int] = []
        record: Record | None = None
        for line in store.lines(worker):
            record = read(line)
            if record is not None and record["kind"] in _KINDS and of(record):
                numbers.append(record["n"])
        if numbers:
            gone = {
                "kind": "erasure",
                "at": moment(time.time()),
                "numbers": _ranges(numbers),
                **note,
            }
            _append(store, worker, [gone, *_closing(record)], signer)
            erased += store.rewrite(worker, _tombs(frozenset(numbers)))
    return erased


def retain(store: Store, before: datetime, signer: Signer | None = None) -> int:
    """Let go of what is older; tell how many records there were."""
    gone = 0
    for worker in store.workers():
        old = store.old(worker, before)
        if old is not None:
            note = {
                "kind": "retention",
                "at": moment(time.time()),
                "through": old.through.count,
                "hash": old.through.hash,
                "older_than": moment(before.timestamp()),
            }
            closing = _closing(_last(store, worker))
            _append(store, worker, [note, *closing], signer)  # first: nothing goes unexplained
            store.drop(worker, old)
            gone += old.records
    return gone


def _tombs(numbers: frozenset[int]) -> Callable[[bytes], bytes]:
    def change(line: bytes) -> bytes:
        record = read(line)
        is_one = record is not None and record["n"] in numbers and record["kind"] in _KINDS
        return tombstone(line, record) if is_one and record is not None else line

    return change


def _last(store: Store, worker: int) -> Record | None:
    lines = deque(store.lines(worker), maxlen=1)
    return read(lines[0]) if lines else None


def _closing(last: Record | None) -> list[Body]:
    """A log that was closed is closed again after a note."""
    if last is None or last["kind"] != "closed":
        return []
    return [{"kind": "closed", "at": moment(time.time())}]


def _append(store: Store, worker: int, bodies: Sequence[Body], signer: Signer | None) -> None:
    def make(end: Anchor) -> tuple[Sequence[bytes], Anchor]:
        return chained(bodies, end, Writer(worker, signer))

    store.append(worker, make)


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Write numbers as stretches: first and last."""
    stretches: list[list[int]] = []
    for number in sorted(numbers):
        if stretches and stretches[-1][1] == number - 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    return stretches
