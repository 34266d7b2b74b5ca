"""Proves a chain whole: no record altered, moved or missing but those of which notes tell why."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.telemetry import chain
from guardrails.telemetry.chain import START, Anchor, Break, Link
from guardrails.telemetry.decisions.blaming import blamed
from guardrails.telemetry.decisions.line import ERASED, SIGNED, Torn, hash_of, read, unsigned
from guardrails.telemetry.decisions.signing import Verifier


@dataclass(slots=True)
class Proof:
    """What was found in one chain; ``broken`` tells where it is not what it was, if it is not."""

    worker: int
    records: int = 0
    end: Anchor = START
    erased: int = 0
    dropped: int = 0
    """By retention, from the beginning."""
    lost: int = 0
    """Never written, for want of room; the chain says so itself."""
    checkpoints: int = 0
    signed_through: int = 0
    """The last record that a verified signature vouches for."""
    closed: bool = False
    """Whether it ends as a log does that was closed; else it is open, or its end was cut off."""
    torn: bool = False
    broken: Break | None = None


def verified(
    worker: int,
    lines: Iterable[bytes],
    *,
    verifiers: Sequence[Verifier] = (),
    kept: Anchor = START,
) -> Proof:
    """Go through a chain; with ``verifiers`` every note and checkpoint must be signed."""
    going = _Going(worker, verifiers)
    rest = iter(lines)
    links = going.links(rest)
    first = next(links, None)
    start = START if first is None else Anchor(first.number - 1, first.before)
    going.proof.dropped = start.count
    broken = chain.verify(
        itertools.chain([] if first is None else [first], links), kept, start=start
    )
    if broken is not None and going.record is not None:
        broken = blamed(broken, going.record, going.before, rest)
    found = [one for one in (going.broken, broken) if one is not None]
    first_of_all = min(found, key=lambda one: one.number, default=None)
    going.proof.broken = first_of_all or going.unexplained(start)
    return going.proof


@dataclass(slots=True)
class _Going:
    """What is gathered on the way through a chain."""

    worker: int
    verifiers: Sequence[Verifier]
    proof: Proof = field(init=False)
    broken: Break | None = None
    record: dict[str, Any] | None = None
    """The last that was read."""
    before: Anchor = START
    """The end of what stands before it."""
    tombs: list[int] = field(default_factory=list)
    told: list[tuple[int, int]] = field(default_factory=list)
    retained: set[Anchor] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.proof = Proof(self.worker)

    def links(self, lines: Iterable[bytes]) -> Iterator[Link]:
        """Give the links of lines; what cannot be read is foreign, unless it is torn."""
        for line in lines:
            record = read(line)
            if record is not None:
                yield self._link(line, record)
            elif isinstance(line, Torn):
                self.proof.torn = True
            else:
                self._break(self.proof.end.count + 1, "it is no record: it was altered or replaced")
                return

    def _link(self, line: bytes, record: dict[str, Any]) -> Link:
        number, hashed = record["n"], hash_of(line, record)
        proof = self.proof
        start = Anchor(number - 1, str(record["before"]))
        self.before, self.record = proof.end if proof.records else start, record
        proof.records += 1
        proof.end = Anchor(number, hashed)
        proof.closed = record["kind"] == "closed"
        if record["worker"] != self.worker:
            self._break(number, f"it is of worker {record['worker']}")
        if record["kind"] in SIGNED:
            self._vouch(record, number)
        self._note(record, number)
        return Link(number, str(record["before"]), hashed, hashed)

    def _vouch(self, record: dict[str, Any], number: int) -> None:
        self.proof.checkpoints += record["kind"] in {"checkpoint", "closed"}
        if not self.verifiers:
            return
        why = unsigned(record, self.verifiers)
        if why:
            self._break(number, f"{why} ({record['kind']})")
        else:
            self.proof.signed_through = number

    def _note(self, record: dict[str, Any], number: int) -> None:
        match record["kind"]:
            case kind if kind == ERASED:
                self.proof.erased += 1
                self.tombs.append(number)
            case "erasure":
                self.told += [(first, last) for first, last in record["numbers"]]
            case "retention":
                self.retained.add(Anchor(record["through"], record["hash"]))
            case "lost":
                self.proof.lost += record["records"]

    def _break(self, number: int, why: str) -> None:
        self.broken = self.broken or Break(number, why)

    def unexplained(self, start: Anchor) -> Break | None:
        """Tell of what is gone without a note."""
        is_retained = any(start == one or start.count < one.count for one in self.retained)
        if start.count and not is_retained:
            return Break(
                1, f"records 1 to {start.count} are gone, and no note of retention says so"
            )
        for number in self.tombs:
            if not any(first <= number <= last for first, last in self.told):
                return Break(number, "it is erased, and no note of erasure says so")
        return None
