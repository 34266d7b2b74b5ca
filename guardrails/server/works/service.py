"""The RPCs of `Works`: each reads, asks the store in a thread, and writes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import grpc

from guardrails.core.errors import ContentError
from guardrails.server.works import finding, reading
from guardrails.server.works.finding import Finders
from guardrails.wire import works as convert
from guardrails.wire import works_pb2 as pb
from guardrails.wire.works_pb2_grpc import WorksServicer
from guardrails.works.errors import UnknownWorkError, WorksError
from guardrails.works.library import Library, Original
from guardrails.works.store import Query, Store

T = TypeVar("T")

THREADS = 4
"""Of its own, so that no check waits for an import."""
BATCH_WORKS = 256
BATCH_BYTES = 8 << 20
"""Of content that is taken in before it is fingerprinted and written."""


class Service(WorksServicer):
    """Keeps the works of one store, on behalf of an operator."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._finders = Finders(store)
        self._threads = ThreadPoolExecutor(THREADS, "guardrails-works")

    def close(self) -> None:
        """Let what is under way finish, take nothing more."""
        self._threads.shutdown()

    async def Add(  # noqa: N802  # the name in the proto
        self, requests: AsyncIterator[pb.AddRequest], _: grpc.aio.ServicerContext
    ) -> pb.AddResponse:
        """Add works, a batch at a time."""
        done = pb.AddResponse()
        batch = Batch("", "")
        async for request in requests:
            batch = batch.named(request)
            batch.take(request)
            if batch.full:
                await self._add(batch, done)
                batch = replace(batch, originals=[], size=0)
        await self._add(batch, done)
        return done

    async def Remove(  # noqa: N802  # the name in the proto
        self, request: pb.RemoveRequest, _: grpc.aio.ServicerContext
    ) -> pb.RemoveResponse:
        """Drop works."""
        library, chosen = self._library(request.collection), _chosen(request.works)
        count = await self._do(
            library.remove, chosen.ids, owner=chosen.owner, reason=request.reason
        )
        return pb.RemoveResponse(works=await self._there(request.collection, count))

    async def SetConsent(  # noqa: N802  # the name in the proto
        self, request: pb.SetConsentRequest, _: grpc.aio.ServicerContext
    ) -> pb.SetConsentResponse:
        """Note what owners have said."""
        library, chosen = self._library(request.collection), _chosen(request.works)
        said = convert.consent(request.consent)
        if said is None:
            raise ContentError("consent is not set, send what the owner has said")
        count = await self._do(
            library.consent, said, chosen.ids, owner=chosen.owner, reason=request.reason
        )
        return pb.SetConsentResponse(works=await self._there(request.collection, count))

    async def Get(  # noqa: N802  # the name in the proto
        self, request: pb.GetRequest, _: grpc.aio.ServicerContext
    ) -> pb.GetResponse:
        """Give one work."""
        work = await self._do(self._store.get, _named(request.collection), request.id)
        if work is None:
            await self._there(request.collection, 0)
            raise UnknownWorkError(f"no work '{request.id}' in '{request.collection}'")
        return pb.GetResponse(work=convert.work_message(work))

    async def List(  # noqa: N802  # the name in the proto
        self, request: pb.ListRequest, _: grpc.aio.ServicerContext
    ) -> pb.ListResponse:
        """Give a page of works."""
        kind, said = convert.kind(request.kind), convert.consent(request.consent)
        works, after = await self._page(request, Query(kind, said, request.owner))
        return pb.ListResponse(works=works, next=after)

    async def Search(  # noqa: N802  # the name in the proto
        self, request: pb.SearchRequest, _: grpc.aio.ServicerContext
    ) -> pb.SearchResponse:
        """Give a page of works by words."""
        works, after = await self._page(request, Query(words=request.words))
        return pb.SearchResponse(works=works, next=after)

    async def Lookup(  # noqa: N802  # the name in the proto
        self, request: pb.LookupRequest, _: grpc.aio.ServicerContext
    ) -> pb.LookupResponse:
        """Tell what a text or a picture copies."""
        least = request.least_score or finding.COPY
        found = await self._do(self._look, request)
        matches = [
            convert.match_message(one.collection, one.match)
            for one in found
            if one.match.score >= least
        ]
        return pb.LookupResponse(matches=matches)

    async def Stats(  # noqa: N802  # the name in the proto
        self, request: pb.StatsRequest, _: grpc.aio.ServicerContext
    ) -> pb.StatsResponse:
        """Count works."""
        return await self._do(reading.stats, self._store, request.collection)

    async def Credits(  # noqa: N802  # the name in the proto
        self, request: pb.CreditsRequest, _: grpc.aio.ServicerContext
    ) -> pb.CreditsResponse:
        """Sum what is owed."""
        since = convert.time(request.since, datetime.min.replace(tzinfo=UTC))
        until = convert.time(request.until, datetime.now(UTC))
        sums = await self._do(self._store.credits, since, until, collection=request.collection)
        return pb.CreditsResponse(owners=[convert.credited_message(one) for one in sums])

    async def Journal(  # noqa: N802  # the name in the proto
        self, request: pb.JournalRequest, _: grpc.aio.ServicerContext
    ) -> pb.JournalResponse:
        """Give a page of the journal."""
        return await self._do(reading.journal, self._store, request, _limit(request.limit))

    async def _do(self, work: Callable[..., T], *given: Any, **named: Any) -> T:
        """Run what waits for a disk or a network off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*given, **named))

    async def _add(self, batch: "Batch", done: pb.AddResponse) -> None:
        if not batch.originals:
            return
        failed: list[WorksError] = []
        library = self._library(batch.collection)
        added = await self._do(
            library.add, batch.originals, reason=batch.reason, failed=failed.append
        )
        done.added += added.added
        done.unchanged += added.unchanged
        done.failed.extend(map(str, failed))

    def _library(self, collection: str) -> Library:
        return Library(self._store, _named(collection))

    async def _there(self, collection: str, count: int) -> int:
        """Where nothing was found, see whether the collection was a slip of the pen."""
        if count == 0:
            known = await self._do(self._store.collections)
            if collection not in known:
                raise UnknownWorkError(finding.no_collection(collection, known))
        return count

    async def _page(
        self, request: pb.ListRequest | pb.SearchRequest, query: Query
    ) -> tuple[Sequence[pb.Work], str]:
        collection, limit = _named(request.collection), _limit(request.limit)
        works = await self._do(
            self._store.works, collection, query, after=request.after, limit=limit + 1
        )
        await self._there(collection, len(works))
        after = works[limit - 1].id if len(works) > limit else ""
        return [convert.work_message(work) for work in works[:limit]], after

    def _look(self, request: pb.LookupRequest) -> Sequence[finding.Found]:
        match request.WhichOneof("subject"):
            case "text":
                return self._finders.in_text(request.text, request.collection)
            case "picture":
                pixels = finding.picture(request.picture)
                return self._finders.in_picture(pixels, request.collection)
            case _:
                raise ContentError("nothing to look up, set its text or its picture")


@dataclass(slots=True)
class Batch:
    """Works that have been sent and are not kept yet."""

    collection: str
    reason: str
    originals: list[Original] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        """Whether it is time to keep them."""
        return self.size >= BATCH_BYTES or len(self.originals) >= BATCH_WORKS

    def named(self, request: pb.AddRequest) -> "Batch":
        """Note the collection of the first message, to which all others belong.

        Raises:
            ContentError: the message is for another collection.
        """
        if not self.collection:
            return replace(self, collection=_named(request.collection), reason=request.reason)
        if request.collection not in {"", self.collection}:
            raise ContentError("works of several collections, send a stream for each")
        return self

    def take(self, request: pb.AddRequest) -> None:
        """Put one more in."""
        work, content = convert.original(request)
        self.originals.append(Original(work, content))
        self.size += len(content)


def _named(collection: str) -> str:
    if not collection:
        raise ContentError("no collection is named")
    return collection


def _chosen(chosen: pb.Chosen) -> pb.Chosen:
    if not chosen.ids and not chosen.owner:
        raise ContentError("no works are named, give their ids or their owner")
    return chosen


def _limit(limit: int) -> int:
    if limit > reading.MOST:
        raise ContentError(f"a page of {limit:,}, ask for {reading.MOST:,} at most")
    return limit or reading.PAGE
