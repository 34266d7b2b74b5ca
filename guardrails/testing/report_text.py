"""What became of policy tests in lines for a person. Pure."""

from collections.abc import Iterator, Sequence

from guardrails.testing.comparison import Mismatch
from guardrails.testing.coverage import Coverage, Covered
from guardrails.testing.results import Result, Trial, counts, coverages

_SHOWN = 160
"""The most characters of a text on one line."""
_BEFORE = 40
"""How many of them stand before the first difference."""


def render(results: Sequence[Result], *, coverage: bool = False) -> str:
    """Give what failed and why, what was skipped, and a line for each file.

    Args:
        results: of every test file.
        coverage: add a table of the rules, and in how many cases each found something.
    """
    lines = [line for result in results for line in _suite(result)]
    if coverage:
        lines += [line for one in coverages(results) for line in _table(one)]
    return "\n".join((*lines, _sum(results), ""))


def _suite(result: Result) -> Iterator[str]:
    if result.broken:
        yield f"{result.file}: no case was tried, the {result.broken} is wrong"
        yield from (f"  {printable(str(problem))}" for problem in result.problems)
    if result.plan is None:
        return
    yield f"{result.file}: policy '{result.plan.name}', {_counted([result])}"
    for other in result.judged_by:
        if other != result.plan.hash:
            yield f"  judged by another version: {other[:12]}, here it is {result.plan.hash[:12]}"
    for trial in result.trials:
        yield from _trial(trial)


def _trial(trial: Trial) -> Iterator[str]:
    if trial.outcome == "passed":
        return
    reason = f": {trial.skipped}" if trial.skipped else ""
    yield f"  {trial.outcome}: {printable(trial.case.name)}{reason}"
    for mismatch in trial.mismatches:
        yield from (f"    {line}" for line in explain(mismatch))


def explain(mismatch: Mismatch) -> Iterator[str]:
    """Give the place and the message, and both texts, one below the other."""
    yield f"{mismatch.place}: {printable(mismatch.message)}"
    if mismatch.expected is not None and mismatch.got is not None:
        first = _first_difference(mismatch.expected, mismatch.got)
        yield f"  expected  {_around(first, mismatch.expected)}"
        yield f"  got       {_around(first, mismatch.got)}"


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _around(place: int, text: str) -> str:
    """As much of a text as fits on a line, with what stands at a place."""
    start = max(0, place - _BEFORE) if len(text) > _SHOWN else 0
    shown = repr(text[start : start + _SHOWN])
    return f"{'...' if start else ''}{shown}{'...' if start + _SHOWN < len(text) else ''}"


def printable(text: str) -> str:
    """The text with every character that would not show, or would break the line, written out."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _table(coverage: Coverage) -> Iterator[str]:
    triggered = len(coverage.rules) - len(coverage.untriggered)
    of = f"{triggered} of {len(coverage.rules)} rules are triggered"
    yield f"coverage of policy '{coverage.policy}' ({coverage.file}): {of}"
    width = max((len(rule.rule) for rule in coverage.rules), default=0)
    yield from (f"  {_row(rule, width)}" for rule in coverage.rules)


def _row(rule: Covered, width: int) -> str:
    times = "no case" if not rule.cases else _number(rule.cases, "case")
    return f"{rule.stage.value:8}{rule.rule:{width}}  {times}"


def _sum(results: Sequence[Result]) -> str:
    broken = sum(result.broken is not None for result in results)
    tail = f", {_number(broken, 'file')} broken" if broken else ""
    return f"{_number(len(results), 'file')}: {_counted(results)}{tail}"


def _counted(results: Sequence[Result]) -> str:
    """Passed always, the others where there are some."""
    counted = counts(results)
    shown = [f"{number} {word}" for word, number in counted.items() if number or word == "passed"]
    return ", ".join(shown)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
