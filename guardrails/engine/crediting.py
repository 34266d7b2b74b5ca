"""Adds to an answer whose works are in it, where a rule wants that. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from guardrails.core.content import Content, Text
from guardrails.core.finding import Copied
from guardrails.core.verdict import Report
from guardrails.policy.plan import Chain


def credited(content: Content, reports: Sequence[Report], chain: Chain) -> Content:
    """Put a line for each work behind the last text; a blocked content has no parts to do it in."""
    rules = {step.rule for step in chain.steps if step.credit}
    lines = tuple(dict.fromkeys(_lines(reports, rules))) if rules else ()
    last = max((at for at, part in enumerate(content.parts) if isinstance(part, Text)), default=-1)
    if not lines or last < 0:
        return content
    parts = list(content.parts)
    text = parts[last]
    assert isinstance(text, Text)  # noqa: S101  # the last text was looked for
    parts[last] = replace(text, text="\n".join([f"{text.text.rstrip()}\n", *lines]))
    return replace(content, parts=tuple(parts))


def line(copied: Copied) -> str:
    """Credit one work: what, whose, under which terms, and where in it."""
    title = _line(copied.title or copied.id)
    owner = f" by {_line(copied.owner)}" if copied.owner else ""
    terms = f" ({_line(copied.licence)})" if copied.licence else ""
    what = {"code": "Contains code from", "image": "Contains a picture:"}
    where = f", lines {copied.start:,} to {copied.end:,}" if copied.kind == "code" else ""
    return f"{what.get(copied.kind, 'Contains text from')} {title}{owner}{terms}{where}"


def _line(words: str) -> str:
    """Keep on one line what operators wrote on several."""
    return " ".join(words.split())


def _lines(reports: Sequence[Report], rules: set[str]) -> Iterator[str]:
    for report in reports:
        if report.rule in rules:
            for finding in report.findings:
                if finding.copied is not None:
                    yield line(finding.copied)
