"""A client of the port on which operators keep works."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import grpc

from guardrails.client.connection import Credentials, ProcessChannel
from guardrails.core.errors import SidecarError
from guardrails.wire import works as convert
from guardrails.wire import works_pb2 as pb
from guardrails.wire.status import WORKS_ERRORS, error_of
from guardrails.wire.works_pb2_grpc import WorksStub
from guardrails.works.match import Match
from guardrails.works.records import Credited, Record
from guardrails.works.work import Consent, Kind, Work

PAGE = 500
"""Works or records that are asked for at a time."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of works that were sent; ``failed`` says of each that was not taken, why."""

    added: int
    unchanged: int
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many works a collection has, and of how many owners."""

    kinds: dict[str, int]
    consents: dict[str, int]
    owners: int


@dataclass(frozen=True, slots=True)
class Journal:
    """All records of changes, and the first that is wrong: 0 when all are as they were written."""

    records: tuple[Record, ...]
    broken_at: int = 0
    broken_why: str = ""

    @property
    def verified(self) -> bool:
        """Whether nothing was altered, dropped or moved."""
        return self.broken_at == 0


class WorksClient:
    """Keeps the works of one collection; may be shared between threads, and outlives forks.

    Errors of all methods: ``UnknownWorkError`` (no such work or collection), ``ContentError``
    (what was sent cannot be taken), ``OverloadedError``, ``WorksError`` (the store or the sidecar
    cannot be used now), ``SidecarError`` (any other).

    Args:
        address: ``HOST:PORT`` or ``unix:PATH`` of the management port.
        collection: the name of the collection.
        credentials: for TLS; without them the connection is plain.
        token: tells the sidecar who asks; over TLS, a Unix socket or loopback alone.
        timeout: seconds for one call; ``add`` takes ten times as long.
    """

    def __init__(
        self,
        address: str,
        collection: str,
        *,
        credentials: Credentials | None = None,
        token: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._channel = ProcessChannel(address, credentials, token)
        self._collection = collection
        self._timeout = timeout

    def add(self, works: Iterable[tuple[Work, str | bytes]], *, reason: str = "") -> Added:
        """Add works with their texts, code or pictures; a name has an empty text.

        What goes wrong while ``works`` is read is raised when those before it have been kept.
        """
        failed: deque[Exception] = deque()
        sent = self._sent(works, reason, failed)
        answer = self._ask("Add", sent, 10 * self._timeout)
        if failed:
            raise failed[0]
        return Added(answer.added, answer.unchanged, tuple(answer.failed))

    def remove(self, ids: Iterable[str] = (), *, owner: str = "", reason: str = "") -> int:
        """Drop works, or all of an owner's; tell how many there were."""
        chosen = pb.Chosen(ids=ids, owner=owner)
        request = pb.RemoveRequest(collection=self._collection, works=chosen, reason=reason)
        return int(self._ask("Remove", request).works)

    def takedown(self, ids: Iterable[str] = (), *, owner: str = "", reason: str = "") -> int:
        """Take works down: every request that is sent from now on is held to it."""
        return self._say(Consent.TAKEN_DOWN, ids, owner, reason)

    def opt_out(self, ids: Iterable[str] = (), *, owner: str = "", reason: str = "") -> int:
        """Note that owners want no copies."""
        return self._say(Consent.OPTED_OUT, ids, owner, reason)

    def allow(self, ids: Iterable[str] = (), *, owner: str = "", reason: str = "") -> int:
        """Note that owners allow copies under their terms."""
        return self._say(Consent.ALLOWED, ids, owner, reason)

    def get(self, identity: str) -> Work:
        """Give one work."""
        request = pb.GetRequest(collection=self._collection, id=identity)
        return convert.work(self._ask("Get", request).work)

    def list(
        self, kind: Kind | None = None, consent: Consent | None = None, owner: str = ""
    ) -> Iterator[Work]:
        """Give works by id; those that have all that is asked for."""
        return self._pages(
            "List",
            pb.ListRequest(
                collection=self._collection,
                kind=convert.kind_number(kind),
                consent=convert.consent_number(consent),
                owner=owner,
                limit=PAGE,
            ),
        )

    def search(self, words: str) -> Iterator[Work]:
        """Give works in whose id, title, owner or source all the words stand."""
        request = pb.SearchRequest(collection=self._collection, words=words, limit=PAGE)
        return self._pages("Search", request)

    def lookup(self, subject: str | bytes, *, least_score: float = 0.0) -> Sequence[Match]:
        """Tell what a text, some code or a picture copies; 0 asks for sure copies alone."""
        request = pb.LookupRequest(collection=self._collection, least_score=least_score)
        if isinstance(subject, str):
            request.text = subject
        else:
            request.picture = subject
        return [convert.match(one)[1] for one in self._ask("Lookup", request).matches]

    def stats(self) -> Counted:
        """Count the works of the collection."""
        answer = self._ask("Stats", pb.StatsRequest(collection=self._collection)).collections[0]
        return Counted(dict(answer.kinds), dict(answer.consents), answer.owners)

    def credits(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Credited]:
        """Sum by owner what answers owe, from a time on and before another."""
        request = pb.CreditsRequest(
            since=since.isoformat() if since else "",
            until=until.isoformat() if until else "",
            collection=self._collection,
        )
        return [convert.credited(one) for one in self._ask("Credits", request).owners]

    def journal(self, count: int = 0, last: str = "") -> Journal:
        """Give the journal of all collections; it must hold the record ``count``, hashed ``last``.

        Both are of a journal that was read before, and kept where the store is not.
        """
        request = pb.JournalRequest(limit=PAGE, anchor_count=count, anchor_hash=last)
        records: list[Record] = []
        while True:
            answer = self._ask("Journal", request)
            records.extend(map(convert.record, answer.records))
            if not answer.records or answer.records[-1].number >= answer.count:
                return Journal(tuple(records), answer.broken_at, answer.broken_why)
            request.after = answer.records[-1].number

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _say(self, consent: Consent, ids: Iterable[str], owner: str, reason: str) -> int:
        request = pb.SetConsentRequest(
            collection=self._collection,
            works=pb.Chosen(ids=ids, owner=owner),
            consent=convert.consent_number(consent),
            reason=reason,
        )
        return int(self._ask("SetConsent", request).works)

    def _sent(
        self,
        works: Iterable[tuple[Work, str | bytes]],
        reason: str,
        failed: "deque[Exception]",
    ) -> Iterator[pb.AddRequest]:
        """Write works one by one; what goes wrong is noted, for gRPC would swallow it."""
        try:
            for work, content in works:
                message = convert.add_request(work, content)
                message.collection, message.reason = self._collection, reason
                yield message
        except Exception as error:  # noqa: BLE001  # whatever the caller's own iterator raises
            failed.append(error)

    def _pages(self, method: str, request: Any) -> Iterator[Work]:
        while True:
            answer = self._ask(method, request)
            yield from map(convert.work, answer.works)
            if not answer.next:
                return
            request.after = answer.next

    def _ask(self, method: str, message: Any, timeout: float | None = None) -> Any:
        stub = WorksStub(self._channel.here())  # type: ignore[no-untyped-call]  # generated
        try:
            return getattr(stub, method)(message, timeout=timeout or self._timeout)
        except grpc.RpcError as failed:
            raise error_of(failed, WORKS_ERRORS) from None
        except ValueError:  # gRPC's word for a channel that was closed a moment ago
            raise SidecarError("the client was closed before the answer came") from None
