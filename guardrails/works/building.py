"""Fingerprints of many works at once: on the processors of this machine, or on a Ray cluster."""

import logging
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeAlias, TypeVar

from guardrails.core.errors import GuardrailsError
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.store import WorksError
from guardrails.works.work import Work

T = TypeVar("T")
Given: TypeAlias = tuple[Work, T]
"""A work and what it is: its text, its bytes, or where they are."""
Done: TypeAlias = tuple[Work, Fingerprint | WorksError]
Packs: TypeAlias = Iterator[Sequence[Given[Any]]]

MANY = 64
"""Works that a worker is sent together, at most."""
MUCH = 1 << 20
"""Characters or bytes with which a worker is sent no more works."""
AHEAD = 2
"""Packs for each worker that are read before the first of them is done."""
WINDOW = 64
"""Packs for each worker in one run of Ray Data, whose start takes seconds."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
"""Ray tells its makers who uses it, unless it is told not to."""


def fingerprinted(
    originals: Iterable[Given[T]],
    fingerprint: Callable[[T], Fingerprint],
    *,
    workers: int | None = None,
    ray: bool = False,
    failed: Callable[[WorksError], None] | None = None,
) -> Iterator[tuple[Work, Fingerprint]]:
    """Give works with their fingerprints, in their order, as they are done.

    Originals are read a little ahead of what has been given, and no further: what is in memory
    depends on the workers, not on how many works there are.

    Args:
        originals: works, and what ``fingerprint`` takes; where the workers are on other machines
            and share a disk, better where the original is than the original.
        fingerprint: makes one; it is sent to the workers, so a function of a module or an object
            that can be pickled. It is sent once, and may hold a model.
        workers: as many as there are processors when None; 1 works in this process.
        ray: on the cluster that ``RAY_ADDRESS`` names, or else on a new one of this machine.
        failed: is told of each work that has no fingerprint, and the others go on; without it the
            first one ends all.

    Raises:
        WorksError: a work cannot be fingerprinted, a worker died, or Ray is not installed.
    """
    run = _on_ray if ray else _here if workers == 1 else _on_processes
    for work, made in run(_packs(originals), fingerprint, workers):
        if isinstance(made, Fingerprint):
            yield work, made
        elif failed is None:
            raise made
        else:
            failed(made)


def _packs(originals: Iterable[Given[T]]) -> Packs:
    """Put small works together, for a worker is not sent each alone."""
    pack: list[Given[T]] = []
    size = 0
    for work, original in originals:
        pack.append((work, original))
        size += len(original) if isinstance(original, Sized) else 0
        if size >= MUCH or len(pack) == MANY:
            yield pack
            pack, size = [], 0
    if pack:
        yield pack


def _each(pack: Sequence[Given[T]], fingerprint: Callable[[T], Fingerprint]) -> list[Done]:
    return [(work, _one(work, original, fingerprint)) for work, original in pack]


def _one(
    work: Work, original: T, fingerprint: Callable[[T], Fingerprint]
) -> Fingerprint | WorksError:
    try:
        return fingerprint(original)
    except GuardrailsError as error:
        return WorksError(f"works: '{work.id}': {error}")
    except Exception as error:  # noqa: BLE001  # any library; its words may quote the work
        return WorksError(f"works: '{work.id}': cannot be fingerprinted ({type(error).__name__})")


def _here(packs: Packs, fingerprint: Callable[[T], Fingerprint], _: int | None) -> Iterator[Done]:
    for pack in packs:
        yield from _each(pack, fingerprint)


_fingerprint: Callable[[Any], Fingerprint] | None = None
"""What a worker makes fingerprints with; set once in each process."""


def _ready(fingerprint: Callable[[Any], Fingerprint]) -> None:
    global _fingerprint  # noqa: PLW0603  # the only way to hand a worker what it keeps
    _fingerprint = fingerprint


def _pack(pack: Sequence[Given[Any]]) -> list[Done]:
    if _fingerprint is None:
        raise RuntimeError("a worker that was not made ready")
    return _each(pack, _fingerprint)


def _on_processes(
    packs: Packs, fingerprint: Callable[[T], Fingerprint], workers: int | None
) -> Iterator[Done]:
    workers = workers or os.cpu_count() or 1
    pool = ProcessPoolExecutor(
        workers,
        get_context("spawn"),  # a fork would take connections and locks of threads along
        initializer=_ready,
        initargs=(fingerprint,),
    )
    under_way: deque[tuple[Work, Future[list[Done]]]] = deque()
    try:
        while True:
            for pack in islice(packs, workers * AHEAD - len(under_way)):
                under_way.append((pack[0][0], pool.submit(_pack, pack)))
            if not under_way:
                return
            yield from _result(*under_way.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _result(first: Work, pack: Future[list[Done]]) -> list[Done]:
    try:
        return pack.result()
    except BrokenProcessPool:
        raise WorksError(
            f"works: '{first.id}' or one of the next {MANY - 1}: a worker died, most often for "
            "want of memory, take fewer workers; a script of your own needs `if __name__ == "
            "'__main__':`"
        ) from None


class _Worker:
    """Makes fingerprints in a process of Ray's, one pack after the other."""

    def __init__(self, fingerprint: Callable[[Any], Fingerprint]) -> None:
        self._fingerprint = fingerprint

    def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        pack = pickle.loads(row["pack"])  # noqa: S301  # this module made it
        return {"done": pickle.dumps(_each(pack, self._fingerprint))}


def _on_ray(
    packs: Packs, fingerprint: Callable[[T], Fingerprint], workers: int | None
) -> Iterator[Done]:
    """Run Ray Data over a window of packs at a time: it wants to know all of its rows first."""
    with _ray() as ray:
        there = int(ray.cluster_resources()["CPU"])
        workers = workers or there
        while window := list(islice(packs, workers * WINDOW)):
            rows = [{"pack": pickle.dumps(pack)} for pack in window]
            done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
                _Worker,
                fn_constructor_args=(fingerprint,),
                compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
                num_cpus=1 if workers < there else 0.5,  # else no processor is left to read rows
            )
            for row in done.iter_rows():
                yield from pickle.loads(row["done"])  # noqa: S301  # as above


@contextmanager
def _ray() -> Iterator[Any]:
    """Join the cluster, in which rows keep their order; leave it when it was not joined before."""
    os.environ.update(QUIET | os.environ)
    try:
        import ray  # noqa: PLC0415  # large, and only for who has a cluster
        import ray.data  # noqa: PLC0415
    except ModuleNotFoundError:
        raise WorksError("works: a build on Ray needs 'guardrails[ray]', install it") from None
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    joined = ray.is_initialized()
    if not joined:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    context = ray.data.DataContext.get_current()
    before = context.execution_options.preserve_order, context.enable_progress_bars
    context.execution_options.preserve_order, context.enable_progress_bars = True, False
    try:
        yield ray
    finally:
        context.execution_options.preserve_order, context.enable_progress_bars = before
        if not joined:
            ray.shutdown()
