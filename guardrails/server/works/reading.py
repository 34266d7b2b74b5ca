"""What operators read of a store: counts, and the journal with its proof."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from guardrails.server.works.finding import no_collection
from guardrails.wire import works as convert
from guardrails.wire import works_pb2 as pb
from guardrails.works.errors import UnknownWorkError
from guardrails.works.journal import START, Anchor, verify
from guardrails.works.library import Library
from guardrails.works.records import Record
from guardrails.works.store import Store
from guardrails.works.work import Consent, Kind

PAGE = 100
MOST = 1000
"""Works or records of one page."""


def stats(store: Store, collection: str) -> pb.StatsResponse:
    """Count all collections by kind, or one of them by all that is known.

    Raises:
        UnknownWorkError: there is no such collection.
    """
    there = store.collections()
    if not collection:
        return pb.StatsResponse(
            collections=[
                pb.Counted(collection=name, kinds=_named(kinds)) for name, kinds in there.items()
            ]
        )
    if collection not in there:
        raise UnknownWorkError(no_collection(collection, there))
    counted = Library(store, collection).stats()
    return pb.StatsResponse(
        collections=[
            pb.Counted(
                collection=collection,
                kinds=_named(counted.kinds),
                consents=_named(counted.consents),
                owners=counted.owners,
            )
        ]
    )


def _named(counts: Mapping[Kind, int] | Mapping[Consent, int]) -> dict[str, int]:
    return {word.value: count for word, count in counts.items()}


def journal(store: Store, request: pb.JournalRequest, limit: int) -> pb.JournalResponse:
    """Give records behind the one that is known, and see whether all are as they were written."""
    page = _Page(request.after, limit)
    passing = page.passing(store.journal())
    broken = verify(passing, Anchor(request.anchor_count, request.anchor_hash))
    deque(passing, maxlen=0)  # those behind a break, which nobody has looked at
    return pb.JournalResponse(
        records=page.records,
        count=page.end.count,
        hash=page.end.hash,
        verified=broken is None,
        broken_at=0 if broken is None else broken.number,
        broken_why="" if broken is None else broken.why,
    )


@dataclass(slots=True)
class _Page:
    """Keeps some of the records that go by, and where they end."""

    after: int
    limit: int
    records: list[pb.Record] = field(default_factory=list)
    end: Anchor = START

    def passing(self, records: Iterable[Record]) -> Iterator[Record]:
        """Give records on, and note them."""
        for record in records:
            if record.number > self.after and len(self.records) < self.limit:
                self.records.append(convert.record_message(record))
            self.end = Anchor(record.number, record.hash)
            yield record
