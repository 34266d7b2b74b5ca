"""Runs suites: compile the policy, know every name, judge each case, compare."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from guardrails.core.errors import ContentError, PolicyError, UnknownPolicyError
from guardrails.core.evaluator import Evaluator
from guardrails.models.model import Models
from guardrails.policy import source
from guardrails.policy.loader import load, policy_files
from guardrails.policy.plan import Plan
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.testing.comparison import Mismatch, compare
from guardrails.testing.marking import unmarked
from guardrails.testing.names import check_names
from guardrails.testing.reading import read
from guardrails.testing.results import Broken, Result, Trial
from guardrails.testing.stubs import StubModels
from guardrails.testing.suite import Case, Only, Suite, SuiteError


@dataclass(frozen=True, slots=True)
class Bench:
    """A suite that can run: its policy is compiled, and has every name in the suite."""

    suite: Suite
    plan: Plan


def suites_in(directory: Path) -> tuple[Path, ...]:
    """The test files in a directory and below it, sorted; hidden directories are left out."""
    return tuple(
        file
        for file in sorted(directory.rglob("*_test.y*ml"))
        if file.suffix in {".yaml", ".yml"}
        and not any(part.startswith(".") for part in file.relative_to(directory).parts)
    )


def prepare(path: Path, models: Models) -> Bench:
    """Read a test file, and compile the policy that it names.

    Raises:
        SuiteError: the test file is wrong; holds every problem in it.
        PolicyError: the policy does not compile.
    """
    problems = Problems()
    suite = read(path, problems)
    if suite is None or (file := _policy_file(suite, problems)) is None:
        raise _error(path, problems)
    plan = load(file, models)[suite.policy]
    check_names(suite, plan, models, problems)
    if any(problems.within({str(path)})):
        raise _error(path, problems)
    return Bench(suite, plan)


async def run(
    path: Path,
    models: Models,
    evaluator_for: Callable[[Plan], Evaluator],
    stubs: StubModels | None = None,
) -> Result:
    """Try every case of one test file, one after the other.

    Args:
        path: the test file.
        models: what its policy is compiled with.
        evaluator_for: gives what judges: an engine with the compiled policy, or a client.
        stubs: the models that the evaluator runs; None when they are real.

    Raises:
        SidecarError, OverloadedError: there is no verdict, and not for want of a right policy.
    """
    try:
        bench = prepare(path, models)
    except SuiteError as error:
        return Result(str(path), problems=error.problems, broken=Broken.SUITE)
    except PolicyError as error:
        return Result(str(path), problems=error.problems, broken=Broken.POLICY)
    evaluator = evaluator_for(bench.plan)
    trials = [await try_case(case, bench, evaluator, stubs) for case in bench.suite.cases]
    return Result(str(path), bench.plan, tuple(trials))


async def try_case(
    case: Case, bench: Bench, evaluator: Evaluator, stubs: StubModels | None = None
) -> Trial:
    """Try one case of a bench; see ``run``."""
    if skipped := _skipped(case, stubs):
        return Trial(case, skipped=skipped)
    started = perf_counter()
    try:
        with stubs.saying(case.answers) if stubs else nullcontext():
            verdict = await evaluator.evaluate(case.content, policy=bench.suite.policy)
    except (ContentError, UnknownPolicyError) as error:
        return Trial(case, (Mismatch(case.place, f"not judged: {error}"),))
    milliseconds = (perf_counter() - started) * 1000
    missed = await unmarked(case, verdict, bench.plan)
    mismatches = tuple(sorted((*compare(case, verdict), *missed), key=lambda one: one.place))
    return Trial(case, mismatches, verdict, milliseconds=milliseconds)


def _skipped(case: Case, stubs: StubModels | None) -> str:
    if case.only is Only.LIVE and stubs is not None:
        return "needs real models"
    if case.only is Only.STUBBED and stubs is None:
        return "needs stubbed models"
    return ""


def _policy_file(suite: Suite, problems: Problems) -> Path | None:
    """The file in the suite's directory that gives itself the name of the policy."""
    named = dict(_named(suite.file.parent))
    if suite.policy not in named:
        way_out = did_you_mean(suite.policy, named)
        message = f"no policy '{suite.policy}' in this directory, {way_out}"
        problems.add(suite.node.members["policy"].place, message)
    return named.get(suite.policy)


def _named(directory: Path) -> Iterator[tuple[str, Path]]:
    """Every policy file by its name; one that cannot be read may be what its file is called."""
    for file in policy_files(directory):
        node = source.read(file, Problems())
        name = node and node.members.get("policy")
        yield str(name.value) if name else file.stem, file


def _error(path: Path, problems: Problems) -> SuiteError:
    return SuiteError(tuple(problems.within({str(path)})))
