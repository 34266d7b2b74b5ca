"""Judges by the policy beside another, off the critical path, and tells where the two differ."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from uuid import uuid4

from guardrails.core.content import Content, Image
from guardrails.core.verdict import Verdict
from guardrails.engine.decision import decide
from guardrails.engine.differing import differences
from guardrails.engine.judging import judged
from guardrails.models.sharing import giving_way
from guardrails.policy.plan import Plan
from guardrails.telemetry.recorder import Recorder, ShadowRecorder
from guardrails.telemetry.shadows import Shadows, Shed

MOST = 64
"""Contents that wait."""
BYTES = 16 << 20
"""Of all that wait together, a character counted as one."""
PATIENCE = 10.0
"""Seconds after which nobody waits for room any more."""
PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class _Waiting:
    content: Content
    plan: Plan
    verdict: Verdict
    size: int
    since: float


class Shadow:
    """Looks at contents again when there is room, one at a time; what is too much is let go.

    It changes nothing: nothing is redacted, sealed or signed, and no verdict of it is recorded as
    one.

    Args:
        counts: takes what differs, and how many were let go.
        recorders: those of them that are interested are told of both verdicts.
        has_room: tells whether there is little else to do.
    """

    def __init__(
        self,
        counts: Shadows,
        recorders: Sequence[Recorder] = (),
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._counts, self._has_room = counts, has_room
        self._told = tuple(one for one in recorders if isinstance(one, ShadowRecorder))
        self._queue: deque[_Waiting] = deque()
        self._size = 0
        self._working: asyncio.Task[None] | None = None
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="guardrails-shadow")

    def take(self, content: Content, plan: Plan, verdict: Verdict) -> None:
        """Look at a content that got its verdict; returns at once."""
        size = content.characters + sum(
            len(part.data) for part in (*content.parts, *content.prompt) if isinstance(part, Image)
        )
        if len(self._queue) >= MOST or self._size + size > BYTES:
            self._counts.shed(verdict.policy, Shed.FULL)
            return
        self._size += size
        self._queue.append(_Waiting(content, plan, verdict, size, monotonic()))
        if self._working is None:
            self._working = asyncio.create_task(self._work(), context=Context())

    async def close(self) -> None:
        """End; what waits is let go."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait([self._working])
        while self._queue:
            self._counts.shed(self._next().verdict.policy, Shed.CLOSED)
        self._decoder.shutdown(wait=False, cancel_futures=True)

    async def _work(self) -> None:
        try:
            while self._queue:
                if monotonic() - self._queue[0].since > PATIENCE:
                    self._counts.shed(self._next().verdict.policy, Shed.LATE)
                elif self._has_room():
                    await self._look(self._next())
                else:
                    await asyncio.sleep(PAUSE)
        finally:
            self._working = None

    def _next(self) -> _Waiting:
        waiting = self._queue.popleft()
        self._size -= waiting.size
        return waiting

    async def _look(self, waiting: _Waiting) -> None:
        try:
            other = await self._verdict(waiting)
            found = differences(waiting.verdict.reports, other.reports)
            self._counts.compared(waiting.verdict, other, found)
            for recorder in self._told:
                recorder.shadowed(waiting.verdict, other)
        except Exception:  # noqa: BLE001  # whatever goes wrong here must reach nobody
            self._counts.shed(waiting.verdict.policy, Shed.FAILED)

    async def _verdict(self, waiting: _Waiting) -> Verdict:
        started, content, plan = perf_counter(), waiting.content, waiting.plan
        with giving_way():
            reports = await judged(content, plan, self._decoder)
        return Verdict(
            id=uuid4().hex,
            action=decide(reports),
            content=replace(content, parts=(), prompt=()),
            reports=reports,
            policy=plan.name,
            policy_hash=plan.hash,
            stage=content.stage,
            models=dict(plan.models),
            milliseconds=(perf_counter() - started) * 1000,
        )
