"""Loads policies and models again while the old ones serve, and changes them all at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import time
from typing import Any, TypeAlias, TypeVar

from guardrails.core.errors import GuardrailsError, ModelError, PolicyError
from guardrails.core.problem import Place, Problem
from guardrails.models.lease import Lending
from guardrails.models.model import Model, Models
from guardrails.policy.loader import Loader
from guardrails.policy.plan import Plan
from guardrails.server.reload.generations import Generations, Leave
from guardrails.server.reload.watch import Watch
from guardrails.telemetry.reloads import Reloads

_log = logging.getLogger("guardrails.server")

ResultT = TypeVar("ResultT")

Plans: TypeAlias = Mapping[str, Plan]
Take: TypeAlias = Callable[[], Leave | None]
"""Takes plans on the event loop; it may give what lets go of them, when nobody has them."""
Fit: TypeAlias = Callable[[Plans], Take]
"""Sees whether new plans fit, off the event loop, and gives what then takes them."""
Told: TypeAlias = Callable[[bool], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of loading: ``problems`` are those of the last time, none if it went well."""

    plans: Plans
    loaded_at: float = 0.0
    """In seconds since 1970, when it last went well."""
    tried_at: float = 0.0
    reloaded: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()


class Reloading:
    """Keeps what is loaded in step with its files.

    Whoever depends on the policies follows them: a set that one of the followers refuses is not
    taken by any.

    Args:
        policies: where they are.
        models: opens those that policies name; one that lends them notices when they change.
        counts: told of every reload.
        seconds: between looks at the files; with 0, nobody looks.
    """

    def __init__(self, policies: Path, models: Models, counts: Reloads, seconds: float) -> None:
        self.seconds = seconds
        self._path, self._models, self._counts = policies, models, counts
        self._loader = Loader(policies)
        self._stopped = False
        self._generations = Generations()
        self._followers: list[Fit] = []
        self._files: list[Path] = []
        self._told: list[Told] = []
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asked = False
        self._watch = Watch(self._watched)
        self.loaded = Loaded({})

    async def open(self) -> Plans:
        """Load for the first time.

        Raises:
            PolicyError: a policy does not compile.
        """
        async with self._turn:
            seen = await self._watch.look()
            plans = await self._load()
            await self._watch.know(seen)
            self._counts.begun(_hashes(plans))
            self.loaded = Loaded(plans, time(), time())
        return plans

    def follow(self, fit: Fit, files: Iterable[Path] = ()) -> None:
        """Have one follow what is loaded, from now on; it also depends on some files."""
        leave = fit(self.loaded.plans)()
        if leave is not None:
            self._generations.also(leave)
        self._followers.append(fit)
        self._files += files

    def tell(self, told: Told) -> None:
        """Have one told of every reload, whether it went well."""
        self._told.append(told)

    def watch(self) -> None:
        """Look at the files from now on, and do what was asked for before."""
        if self.seconds:
            self._begin(self._watching())
        if self._asked:
            self._begin(self._as_asked())

    def soon(self) -> None:
        """Reload when possible, once however often it is asked: for signals, at any time."""
        if not self._asked:
            self._asked = True
            if self.loaded.plans:
                self._begin(self._as_asked())

    def stop(self) -> None:
        """Open no more models: the thread that loads policies then ends soon."""
        self._stopped = True

    async def close(self) -> None:
        """End, once nothing is judged any more."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._generations.close()

    async def reload(self) -> bool:
        """Load all anew; tell whether it went well. What was loaded serves until then, or goes on.

        Raises:
            ModelError: nothing is loaded yet, or the server stops.
        """
        if not self.loaded.plans or self._stopped:
            raise ModelError("policies and models are still being loaded, try again shortly")
        return await asyncio.shield(self._begin(self._reload()))  # whoever asked may go away

    async def _reload(self) -> bool:
        async with self._turn:
            self._asked = False
            seen = await self._watch.look()
            try:
                plans = await self._load()
            except Exception as error:  # noqa: BLE001  # the last good one serves, whatever went wrong
                self._refuse(self._problems(error))
            else:
                self._reloaded(plans)
            await self._watch.know(seen)
            good = not self.loaded.problems
            for told in self._told:
                await told(good)
            return good

    async def _as_asked(self) -> None:
        with suppress(ModelError):  # the server stops
            await self.reload()

    async def _load(self) -> Plans:
        """Compile and warm beside what serves, and have every follower take it, or none."""
        lease = self._models.lease() if isinstance(self._models, Lending) else None
        source = _Until(lease or self._models, lambda: self._stopped)
        try:
            plans = await asyncio.to_thread(self._loader.load, source)
            fitted = await asyncio.to_thread(lambda: [fit(plans) for fit in self._followers])
        except Exception:
            self._loader.settle(kept=False)
            if lease is not None:
                await asyncio.to_thread(lease.close)
            raise
        self._loader.settle(kept=True)
        left = [leave for leave in [take() for take in fitted] if leave is not None]
        close = _nothing if lease is None else lease.close
        self._generations.begin(plans.values(), left, close)
        return plans

    def _reloaded(self, plans: Plans) -> None:
        now, before = time(), self.loaded
        self.loaded = Loaded(plans, now, now, before.reloaded + 1, before.refused)
        self._counts.reloaded(_hashes(plans))
        changed = [
            f"{name}@{plan.hash[:12]}"
            for name, plan in sorted(plans.items())
            if name not in before.plans or before.plans[name].hash != plan.hash
        ]
        gone = [f"without {name}" for name in sorted(before.plans.keys() - plans.keys())]
        _log.info("reloaded: %s", ", ".join([*changed, *gone]) or "no policy has changed")

    def _refuse(self, problems: tuple[Problem, ...]) -> None:
        self.loaded = replace(
            self.loaded,
            tried_at=time(),
            refused=self.loaded.refused + 1,
            problems=problems,
        )
        self._counts.refused()
        for problem in problems:
            _log.error("not reloaded, what was loaded before goes on: %s", problem)

    def _problems(self, error: Exception) -> tuple[Problem, ...]:
        if isinstance(error, PolicyError):
            return error.problems
        known = isinstance(error, GuardrailsError | OSError)
        told = str(error) if known else f"internal error, {type(error).__name__}"
        return (Problem(Place(str(self._path)), told),)

    def _watched(self) -> Iterable[Path]:
        models = self._models.files() if isinstance(self._models, Lending) else ()
        return (*self._loader.files, *self._files, *models)

    async def _watching(self) -> None:
        while not self._stopped:
            await asyncio.sleep(self.seconds)
            try:
                if await self._watch.changed():
                    await self.reload()
            except ModelError:  # the server stops
                return

    def _begin(self, work: Coroutine[Any, Any, ResultT]) -> "asyncio.Task[ResultT]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class _Until:
    """Opens models until told to stop."""

    def __init__(self, models: Models, stopped: Callable[[], bool]) -> None:
        self._models, self._stopped = models, stopped

    def open(self, name: str) -> Model:
        """Open a model.

        Raises:
            ModelError: there is none, it will not run, or the process stops.
        """
        if self._stopped():
            raise ModelError(f"model '{name}': the server stops")
        return self._models.open(name)


def _nothing() -> None:
    """Give nothing back."""


def _hashes(plans: Plans) -> Mapping[str, str]:
    return {name: plan.hash for name, plan in plans.items()}
