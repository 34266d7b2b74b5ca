"""Policy tests as pytest sees them: a file, its cases, its mistakes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from guardrails.core.errors import PolicyError
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore, manifests
from guardrails.policy.loader import load
from guardrails.testing.report_text import explain, printable
from guardrails.testing.results import Trial
from guardrails.testing.runner import Bench, prepare, try_case
from guardrails.testing.stubs import StubModels
from guardrails.testing.suite import Case, SuiteError


class SuiteFile(pytest.File):
    """One test file; compiled when collected, so that what is wrong with it is an item."""

    bench: Bench | None = None

    def collect(self) -> list[pytest.Item]:
        """Give its cases, or what lets none of them run."""
        self._stubs = StubModels(manifests())
        try:
            self.bench = prepare(_from_here(self.path), self._stubs)
        except (SuiteError, PolicyError) as error:
            return [MistakesItem.from_parent(self, name="mistakes", error=error)]
        return [
            CaseItem.from_parent(self, name=printable(case.name), case=case)
            for case in self.bench.suite.cases
        ]

    def setup(self) -> None:
        """Open what its cases share."""
        self._opened = ExitStack()
        if self.bench is not None:
            stubs = None if self.config.getoption("--guardrails-live") else self._stubs
            self.try_case = self._opened.enter_context(_trying(self.bench, stubs))

    def teardown(self) -> None:
        """Close it again."""
        self._opened.close()


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._case = case

    def runtest(self) -> None:
        """Try it."""
        trial = cast("SuiteFile", self.parent).try_case(self._case)
        if trial.skipped:
            pytest.skip(trial.skipped)
        if trial.mismatches:
            raise _CaseFailed("\n".join(line for one in trial.mismatches for line in explain(one)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        """Show what does not match, and no traceback: that would be ours."""
        if isinstance(excinfo.value, _CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where it is written."""
        return self.path, self._case.place.line - 1, self.name


class MistakesItem(pytest.Item):
    """What is wrong with a test file or its policy: always fails."""

    def __init__(self, *, error: SuiteError | PolicyError, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._error = error

    def runtest(self) -> None:
        """Fail."""
        raise self._error

    def repr_failure(self, *_: Any) -> str:
        """Show every problem with its place."""
        return "\n".join(printable(str(problem)) for problem in self._error.problems)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the first of them is."""
        return self.path, self._error.problems[0].place.line - 1, self.name


class _CaseFailed(Exception):  # noqa: N818  # a result, shown as text
    """A case did not go as its author says."""


@contextmanager
def _trying(bench: Bench, stubs: StubModels | None) -> Iterator[Callable[[Case], Trial]]:
    """Give what tries a case: an engine, with stubs or with real models, on one event loop."""
    with ExitStack() as opened:
        plan = bench.plan
        if stubs is None:
            models = opened.enter_context(ModelStore())
            plan = load(Path(plan.file), models)[plan.name]
        engine = Engine({plan.name: plan})
        runner = opened.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        yield lambda case: runner.run(try_case(case, bench, engine, stubs))


def _from_here(path: Path) -> Path:
    """As it would be written on the command line, so that places are short."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
