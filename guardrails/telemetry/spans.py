"""The seam for whoever traces: spans of a request and of what is done for it, never content."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from guardrails.core.verdict import Report, Verdict

Fact: TypeAlias = str | int | float | bool

PREFIX = "guardrails."
"""Of the facts that are ours, and not in the conventions of OpenTelemetry."""


class Span(Protocol):
    """One stretch of work."""

    @property
    def recording(self) -> bool:
        """Whether anybody will read what is noted."""

    def note(self, facts: Mapping[str, Fact]) -> None:
        """Keep facts with it."""

    def fail(self, reason: str) -> None:
        """Say that it went wrong: the name of a status or of a kind of error, never a message."""


class Onward(Span, Protocol):
    """A span of a request to another server."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What tells that server which span asks; they stand in the place of any that came."""


class Tracer(Protocol):
    """Opens spans. It must not block, raise, or keep content."""

    def span(self, name: str, /) -> AbstractContextManager[Span]:
        """Open a span below the present one, and make it the present one."""

    def request(
        self, name: str, headers: Mapping[str, str], facts: Mapping[str, Fact], /
    ) -> AbstractContextManager[Span]:
        """Open the span of a request, below the one that its headers name."""

    def onward(self, name: str, /) -> AbstractContextManager[Onward]:
        """Open a span of a request to another server; it does not become the present one."""

    def trace_id(self) -> str:
        """Give the id of the present trace; nothing where there is none that is recorded."""

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""


class _Nothing:
    """The span of a tracer that is off: one for all."""

    __slots__ = ()
    recording = False
    headers: Mapping[str, str] = {}

    def note(self, facts: Mapping[str, Fact]) -> None:
        """Forget it."""

    def fail(self, reason: str) -> None:
        """Forget it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


_NOTHING = _Nothing()


class Untraced:
    """A tracer that is off."""

    __slots__ = ()

    def span(self, _name: str, /) -> AbstractContextManager[Span]:
        """Give the span that keeps nothing."""
        return _NOTHING

    def request(
        self, _name: str, _headers: Mapping[str, str], _facts: Mapping[str, Fact], /
    ) -> AbstractContextManager[Span]:
        """Give the span that keeps nothing."""
        return _NOTHING

    def onward(self, _name: str, /) -> AbstractContextManager[Onward]:
        """Give the span that keeps nothing."""
        return _NOTHING

    def trace_id(self) -> str:
        """There is none."""
        return ""

    def close(self) -> None:
        """Nothing waits."""


UNTRACED: Tracer = Untraced()
_TRACER: ContextVar[Tracer] = ContextVar("tracer", default=UNTRACED)


@contextmanager
def traced(tracer: Tracer) -> Iterator[None]:
    """Have everything that runs inside open its spans there: also in tasks that begin inside."""
    token = _TRACER.set(tracer)
    try:
        yield
    finally:
        _TRACER.reset(token)


def is_traced() -> bool:
    """Whether anybody wants the spans of the present request."""
    return _TRACER.get() is not UNTRACED


def span(name: str) -> AbstractContextManager[Span]:
    """Open a span of the present request; where nobody traces, this costs next to nothing."""
    return _TRACER.get().span(name)


def onward(name: str) -> AbstractContextManager[Onward]:
    """Open a span of a request to another server."""
    return _TRACER.get().onward(name)


def trace_id() -> str:
    """Give the id of the present trace, for logs and exemplars."""
    return _TRACER.get().trace_id()


def of_step(reports: Sequence[Report]) -> dict[str, Fact]:
    """Tell what a rule did: not what it found, nor where, nor why something was not judged."""
    if not reports:
        return {}
    first = reports[0]
    return {
        f"{PREFIX}rule": first.rule,
        f"{PREFIX}check": first.check,
        f"{PREFIX}outcome": ",".join(dict.fromkeys(one.outcome.value for one in reports)),
        f"{PREFIX}action": max(one.action for one in reports).word,
        f"{PREFIX}milliseconds": round(max(one.milliseconds for one in reports), 3),
        f"{PREFIX}batch": max(one.batch for one in reports),
    }


def of_verdict(verdict: Verdict) -> dict[str, Fact]:
    """Tell what was decided, and by which policy."""
    return {
        f"{PREFIX}decision": verdict.id,
        f"{PREFIX}policy": verdict.policy,
        f"{PREFIX}policy_hash": verdict.policy_hash,
        f"{PREFIX}stage": verdict.stage.value,
        f"{PREFIX}action": verdict.action.word,
        f"{PREFIX}unjudged": len(verdict.unjudged),
        f"{PREFIX}milliseconds": round(verdict.milliseconds, 3),
    }
