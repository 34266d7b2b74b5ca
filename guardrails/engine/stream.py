"""Judges an answer while it is spoken, and lets out what is judged."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from time import perf_counter
from uuid import uuid4

from guardrails.core.content import Content, Surface, Text
from guardrails.core.errors import MarkError
from guardrails.core.mark import Follower, Following
from guardrails.core.stream import Released
from guardrails.core.verdict import Action, Marked, Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.engine.decision import decide
from guardrails.engine.disguises import Disguises
from guardrails.engine.holding import Held
from guardrails.engine.judging import judged
from guardrails.engine.keeping import kept, opened
from guardrails.engine.marking import carried
from guardrails.engine.merging import Merged, moved
from guardrails.engine.redaction import Cut, cuts, to_go
from guardrails.engine.windows import Window, Windows
from guardrails.hiding.restoring import Restorer
from guardrails.policy.plan import MARKS, Plan
from guardrails.policy.terms import Release
from guardrails.telemetry.fingerprint import Fingerprint
from guardrails.telemetry.spans import of_verdict, span


@dataclass(slots=True)
class _Part:
    """One part of the answer: what of it is where on its way."""

    number: int
    surface: Surface
    windows: Windows
    held: Held
    restorer: Restorer
    followers: tuple[Follower, ...] = ()

    def out(self, text: str) -> str:
        """Give text as it is shown: with what was sealed put back, and signed."""
        text = self.restorer.feed(text)
        for follower in self.followers:
            text = follower.push(text)
        return text

    def last(self) -> str:
        """Give what restoring and signing have held back."""
        text = self.restorer.finish()
        for follower in self.followers:
            text = follower.push(text) + follower.finish()
        return text


class WindowedStream:
    """An answer that is judged window by window.

    Text that no window will show again is let out, without what was found in it; so each character
    is out only when all windows that hold it are judged. A value that is to go is cut out wherever
    it comes again, but what was let out before it was first found stays said.
    """

    def __init__(
        self,
        opening: Content,
        plan: Plan,
        decoders: Executor,
        conclude: Callable[[Verdict], None],
        fingerprint: Fingerprint | None = None,
    ) -> None:
        self._opening, self._plan, self._decoders = opening, plan, decoders
        self._conclude, self._fingerprint = conclude, fingerprint
        self._disguises = Disguises(plan, opening)
        self._parts: dict[int, _Part] = {}
        self._values: dict[str, Cut] = {}
        self._merged = Merged()
        self._characters = opening.characters
        self._sealed: Mapping[str, str] | None = None
        self._seconds = 0.0
        self._verdict: Verdict | None = None
        self._closed = False

    @property
    def verdict(self) -> Verdict | None:
        """Stands once something was blocked, or all was judged."""
        return self._verdict

    def keeps(self, characters: int, part: int = 0) -> bool:
        """Tell whether so many more characters of a part fill no window."""
        here = self._parts.get(part)
        return here is not None and not self._eager and here.windows.room >= characters

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Take a piece; judge the windows that it fills, and give what they let out."""
        if self._is_over():
            return ()
        here = self._parts.get(part) or await self._part(part, surface)
        self._characters += len(piece)
        if self._fingerprint is not None:
            self._fingerprint.feed(part, piece)
        here.held.add(piece)
        shown = await self._out(here, piece) if self._eager else ""
        for window in here.windows.feed(piece):
            await self._judge(here, window)
            if self._is_over():
                break
            if not self._eager:
                shown += await self._out(here, here.held.release(window.done))
        return (Released(part, shown),) if shown else ()

    async def finish(self) -> Sequence[Released]:
        """Judge the rest of every part before any of it is let out."""
        if self._is_over():
            return ()
        await self._part(min(self._parts, default=0), Surface.ASSISTANT)
        for part in self._parts.values():
            window = part.windows.rest()
            if window is not None:
                await self._judge(part, window)
                if self._is_over():
                    return ()
        shown = [Released(part.number, await self._rest(part)) for part in self._parts.values()]
        if self._is_over():
            return ()
        await self._stand()
        return [each for each in shown if each.text]

    async def aclose(self) -> None:
        """Give up; what is not let out stays unsaid."""
        self._closed = True

    def _is_over(self) -> bool:
        return self._closed or self._verdict is not None

    @property
    def _eager(self) -> bool:
        return self._plan.stream.release is Release.EAGER

    async def _rest(self, part: _Part) -> str:
        rest = "" if self._eager else part.held.release(part.windows.fed)
        return await self._out(part, rest, end=True)

    async def _out(self, part: _Part, text: str, *, end: bool = False) -> str:
        """Give text as it is shown. A mark that fails has swallowed some of it: that is a block."""
        try:
            return part.out(text) + (part.last() if end else "")
        except Exception as error:  # noqa: BLE001  # whatever a mark does, nothing gets out unsigned
            reason = (
                str(error) if isinstance(error, MarkError) else f"raised {type(error).__name__}"
            )
            failed = Report(
                MARKS, MARKS, Outcome.FAILED, Action.BLOCK, (), {}, (part.number,), reason
            )
            self._merged.add(failed)
            if not self._is_over():
                await self._stand()
            return ""

    async def _part(self, number: int, surface: Surface) -> _Part:
        if self._sealed is None:
            self._sealed = await opened(self._opening, self._plan)
        if number not in self._parts:
            overlap = self._plan.overlap
            marks = (step.mark for step in self._plan.marks)
            self._parts[number] = _Part(
                number,
                surface,
                Windows(self._plan.window, overlap),
                Held(overlap, self._disguises.of, self._values),
                Restorer(self._sealed),
                tuple(mark.follow() for mark in marks if isinstance(mark, Following)),
            )
        return self._parts[number]

    async def _judge(self, part: _Part, window: Window) -> None:
        """Look at one window, note what is to go, and end it all where that blocks."""
        started = perf_counter()
        content = replace(self._opening, parts=(Text(window.text, part.surface),))
        try:
            with span("window"):
                reports = await judged(content, self._plan, self._decoders, beyond=self._beyond())
        except BaseException:
            self._closed = True  # a window that nobody judged would go out with the next
            raise
        here = [moved(report, part.number, window.start) for report in reports]
        for report in here:
            self._merged.add(report)
        found = to_go(here, self._plan.chains[self._opening.stage])
        part.held.cut(cuts(Span(window.start, window.end), found))
        self._seconds += perf_counter() - started
        if decide(here) is Action.BLOCK:
            await self._stand()

    def _beyond(self) -> str:
        most = self._plan.limits
        if self._characters > most.characters:
            return f"{self._characters:,} characters, the limit is {most.characters:,}"
        parts = len(self._parts) + len(self._opening.prompt)
        return f"{parts:,} parts, the limit is {most.parts:,}" if parts > most.parts else ""

    async def _stand(self) -> None:
        """Conclude: from now on nothing is let out."""
        with span("verdict") as seen:
            self._verdict = verdict = await self._concluded()
            if seen.recording:
                seen.note(of_verdict(verdict))
            self._conclude(verdict)

    async def _concluded(self) -> Verdict:
        reports = self._merged.reports
        action = decide(reports)
        blocked = action is Action.BLOCK
        return Verdict(
            id=uuid4().hex,
            action=action,
            content=self._opening,
            reports=reports,
            policy=self._plan.name,
            policy_hash=self._plan.hash,
            stage=self._opening.stage,
            reply=self._plan.replies.get(Action.BLOCK) if blocked else None,
            models=dict(self._plan.models),
            sealed=await kept(self._disguises.sealed, self._opening, self._plan),
            marks=() if blocked else self._marked(),
            milliseconds=self._seconds * 1000,
            fingerprint="" if self._fingerprint is None else self._fingerprint.hex,
        )

    def _marked(self) -> tuple[Marked, ...]:
        steps = [step for step in self._plan.marks if isinstance(step.mark, Following)]
        return tuple(
            Marked(step.name, step.mark.key_id, part.number, carried(step.mark, {}))
            for step in steps
            for part in self._parts.values()
        )
