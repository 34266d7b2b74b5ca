"""`guardrails test`: whether policies do what their authors say."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from guardrails.cli.asking import add_client_to, client_from
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.setup import add_models_to, store_from
from guardrails.core.evaluator import Evaluator
from guardrails.engine.engine import Engine
from guardrails.models.model import Models
from guardrails.models.store import manifests
from guardrails.policy.plan import Plan
from guardrails.testing import report_json, report_junit, report_text
from guardrails.testing.results import Broken, Result
from guardrails.testing.runner import run as run_suite
from guardrails.testing.runner import suites_in
from guardrails.testing.stubs import StubModels


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "test", help="run the *_test.yaml beside policies; exit 4 when one fails"
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a test file, or a directory of them"
    )
    parser.add_argument("--live", action="store_true", help="run the real models, not stubs")
    add_client_to(parser)
    parser.add_argument("--format", choices=["text", "junit", "json"], default="text")
    parser.add_argument(
        "--coverage", action="store_true", help="show which rules the cases trigger"
    )
    add_models_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run every test file, print one report, and say by the exit code how it went."""
    files = [file for path in arguments.paths for file in _files(path)]
    results = asyncio.run(_try(arguments, list(dict.fromkeys(files))))
    sys.stdout.write(_render(results, arguments))
    return _exit(results)


def _files(path: Path) -> tuple[Path, ...]:
    if not path.exists():
        raise BadArguments(f"there is no '{path}'")
    if path.is_dir():
        found = suites_in(path)
        if not found:
            raise BadArguments(f"no tests in '{path}', expected files such as 'chat_test.yaml'")
        return found
    if not path.stem.endswith("_test"):
        raise BadArguments(f"'{path}' is no test file, they are called such as 'chat_test.yaml'")
    return (path,)


async def _try(arguments: argparse.Namespace, files: Sequence[Path]) -> list[Result]:
    if arguments.address:
        async with client_from(arguments) as client:
            return await _try_all(files, _stubs(arguments), lambda _: client)
    if arguments.live:
        with store_from(arguments) as models:
            return await _try_all(files, models, _engine)
    stubs = _stubs(arguments)
    return await _try_all(files, stubs, _engine, stubs)


async def _try_all(
    files: Sequence[Path],
    models: Models,
    evaluator_for: Callable[[Plan], Evaluator],
    stubs: StubModels | None = None,
) -> list[Result]:
    results = []
    for file in files:
        sys.stderr.write(f"testing {file}\n")
        results.append(await run_suite(file, models, evaluator_for, stubs))
    return results


def _stubs(arguments: argparse.Namespace) -> StubModels:
    return StubModels(manifests(arguments.models))


def _engine(plan: Plan) -> Engine:
    return Engine({plan.name: plan})


def _render(results: Sequence[Result], arguments: argparse.Namespace) -> str:
    match arguments.format:
        case "json":
            return report_json.render(results)
        case "junit":
            return report_junit.render(results)
        case _:
            return report_text.render(results, coverage=arguments.coverage)


def _exit(results: Sequence[Result]) -> Exit:
    if any(result.broken is Broken.POLICY for result in results):
        return Exit.BAD_POLICY
    return Exit.TESTS_FAILED if any(result.failed for result in results) else Exit.FINE
