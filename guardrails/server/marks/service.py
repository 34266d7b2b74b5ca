"""The RPCs of `Marks`: each reads, looks or marks in a thread, and writes."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import grpc

from guardrails.core.content import Content, Image, Text
from guardrails.core.errors import ContentError
from guardrails.models.pixels import size_of
from guardrails.server.admission import Admission, Work
from guardrails.server.marks.offered import Offered
from guardrails.wire import marks as convert
from guardrails.wire import marks_pb2 as pb
from guardrails.wire.marks_pb2_grpc import MarksServicer

T = TypeVar("T")

CHARACTERS = 200_000
"""Of one text, at most."""
THREADS = 4
"""Of its own, so that no check waits for a search."""


class Service(MarksServicer):
    """Looks for the marks of one operator, and puts in those that it may."""

    def __init__(self, marks: Mapping[str, Offered], admission: Admission) -> None:
        self._marks = marks
        self._admission = admission
        self._threads = ThreadPoolExecutor(THREADS, "guardrails-marks")

    def close(self) -> None:
        """Let what is under way finish, take nothing more."""
        self._threads.shutdown(cancel_futures=True)

    async def Detect(  # noqa: N802  # the name in the proto
        self, request: pb.DetectRequest, _: grpc.aio.ServicerContext
    ) -> pb.DetectResponse:
        """Look for marks, one after the other, so that who has gone is not looked for any more."""
        subject, rate = convert.subject(request), convert.rate(request)
        chosen = self._chosen(request.marks, subject)
        found = []
        async with self._admission.entered(_work(subject, len(chosen))):
            await self._do(_must_be_whole, subject)
            for name, mark in chosen.items():
                detection = await self._do(mark.detect, subject, rate)
                found.append(convert.detection_message(name, detection))
        return pb.DetectResponse(detections=found)

    async def Embed(  # noqa: N802  # the name in the proto
        self, request: pb.EmbedRequest, _: grpc.aio.ServicerContext
    ) -> pb.EmbedResponse:
        """Put one mark in."""
        subject = convert.subject(request)
        [mark] = self._named([request.mark], subject).values()
        async with self._admission.entered(_work(subject, 1)):
            await self._do(_must_be_whole, subject)
            marked = await self._do(mark.embed, subject)
        return convert.embed_response(marked, mark.known.key_id)

    async def List(  # noqa: N802  # the name in the proto
        self, _request: pb.ListMarksRequest, _: grpc.aio.ServicerContext
    ) -> pb.ListMarksResponse:
        """List what is known."""
        marks = [convert.known_message(mark.known) for mark in self._marks.values()]
        return pb.ListMarksResponse(marks=marks)

    async def _do(self, work: Callable[..., T], *given: Any) -> T:
        """Run what takes a while off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _chosen(self, names: Sequence[str], subject: Text | Image) -> Mapping[str, Offered]:
        if names:
            return self._named(names, subject)
        fitting = {name: mark for name, mark in self._marks.items() if mark.fits(subject)}
        if not fitting:
            raise ContentError(f"no mark here is of {_plural(type(subject))}, {self._there()}")
        return fitting

    def _named(self, names: Iterable[str], subject: Text | Image) -> Mapping[str, Offered]:
        chosen = {}
        for name in names:
            if name not in self._marks:
                raise ContentError(f"no mark {_shown(name)}, {self._there()}")
            if not self._marks[name].fits(subject):
                kind = _plural(self._marks[name].known.inspects)
                raise ContentError(f"mark '{name}' is of {kind}, {self._there()}")
            chosen[name] = self._marks[name]
        return chosen

    def _there(self) -> str:
        marks = self._marks.values()
        told = (f"'{one.known.name}' ({_plural(one.known.inspects)})" for one in marks)
        return f"there is: {', '.join(told)}"


def _work(subject: Text | Image, marks: int) -> Work:
    """Tell what it costs.

    Raises:
        ContentError: the text is too long.
    """
    if isinstance(subject, Text) and len(subject.text) > CHARACTERS:
        raise ContentError(
            f"the text has {len(subject.text):,} characters, {CHARACTERS:,} are looked at at most"
        )
    work = Work.of(Content((subject,)))
    return replace(work, places=work.places * marks)


def _must_be_whole(subject: Text | Image) -> None:
    """See whether a picture is one: a mark would only say that it cannot be read.

    Raises:
        ContentError: it is of another type, or damaged.
    """
    if isinstance(subject, Image):
        size_of(subject.data)


def _plural(kind: type[Text | Image] | None) -> str:
    return "pictures" if kind is Image else "texts"


def _shown(name: str) -> str:
    return f"'{name}'" if name else "is named"
