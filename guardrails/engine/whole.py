"""Holds a streamed answer back until it is whole, for rules and marks that need that."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from guardrails.core.content import Content, Surface, Text
from guardrails.core.stream import Released
from guardrails.core.verdict import Report, Verdict
from guardrails.policy.plan import Plan
from guardrails.policy.terms import Release


class WholeStream:
    """An answer that is judged once, when it is whole.

    With ``release: eager`` it is shown as it comes all the same, and the verdict only told. One
    that grows beyond the policy's limit is judged at once, as too long; where the policy passes
    that, the rest is passed on as it comes.
    """

    def __init__(
        self, opening: Content, plan: Plan, evaluate: Callable[[Content], Awaitable[Verdict]]
    ) -> None:
        self._opening, self._evaluate = opening, evaluate
        self._eager = plan.stream.release is Release.EAGER
        self._parts: dict[int, tuple[Surface, list[str]]] = {}
        self._room = plan.limits.characters + 1
        self._passed: Verdict | None = None
        self._verdict: Verdict | None = None
        self._closed = False

    @property
    def verdict(self) -> Verdict | None:
        """Stands once all was judged, or the answer is too long to be."""
        return self._verdict

    def keeps(self, characters: int, part: int = 0) -> bool:  # noqa: ARG002  # all parts are one
        """Tell whether so many more characters are not too long."""
        return self._room > characters

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Keep a piece, while the answer is not too long."""
        if self._is_over():
            return ()
        if self._passed is not None:
            return (Released(part, piece),)
        self._parts.setdefault(part, (surface, []))[1].append(piece)
        self._room -= len(piece)
        now = (Released(part, piece),) if self._eager else ()
        return now if self._room > 0 else (*now, *await self._too_long())

    async def finish(self) -> Sequence[Released]:
        """Judge all of it, and let it out."""
        if self._is_over():
            return ()
        if self._passed is not None:
            self._verdict = self._passed
            return ()
        verdict, texts = await self._judged()
        self._verdict = verdict
        return self._let_out(texts)

    async def aclose(self) -> None:
        """Give up; what is not let out stays unsaid."""
        self._closed = True
        self._parts.clear()

    def _is_over(self) -> bool:
        return self._closed or self._verdict is not None

    async def _too_long(self) -> Sequence[Released]:
        verdict, texts = await self._judged()
        self._parts.clear()
        if verdict.blocked:
            self._verdict = verdict
            return ()
        self._passed = verdict
        return self._let_out(texts)

    def _let_out(self, texts: Mapping[int, str]) -> Sequence[Released]:
        if self._eager:
            return ()
        return [Released(number, text) for number, text in texts.items() if text]

    async def _judged(self) -> tuple[Verdict, Mapping[int, str]]:
        """Give the verdict, with parts as the caller numbers them, and what is passed on."""
        spoken = self._parts or {0: (Surface.ASSISTANT, [])}
        numbers = list(spoken)
        parts = tuple(Text("".join(pieces), surface) for surface, pieces in spoken.values())
        verdict = await self._evaluate(replace(self._opening, parts=parts))
        texts = [part.text for part in verdict.content.parts if isinstance(part, Text)]
        told = replace(
            verdict,
            content=self._opening,
            reports=tuple(_numbered(report, numbers) for report in verdict.reports),
            marks=tuple(replace(one, part=numbers[one.part]) for one in verdict.marks),
        )
        return told, dict(zip(numbers, texts, strict=False))


def _numbered(report: Report, numbers: Sequence[int]) -> Report:
    """Count parts as the caller does."""
    findings = tuple(replace(one, part=numbers[one.part]) for one in report.findings)
    return replace(report, findings=findings, parts=tuple(numbers[one] for one in report.parts))
