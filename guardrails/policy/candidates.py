"""The policies that run beside others: `shadow` names their files, `canary` lets them act."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from guardrails.policy.building import Builder
from guardrails.policy.compiler import compile_policy
from guardrails.policy.document import Document
from guardrails.policy.inheritance import Family, Policy
from guardrails.policy.plan import Candidate, Plan
from guardrails.policy.problems import Problems, quoted


@dataclass(frozen=True, slots=True)
class Known:
    """A policy as written, and those that it may extend by name."""

    document: Document
    others: Mapping[str, Document]

    def merged(self, problems: Problems) -> Policy:
        """Merge it with what it extends."""
        name = self.document.policy.policy
        return Family({**self.others, name: self.document}, problems).policy(name)


def candidates(
    documents: Iterable[Document], reading: Callable[[Path], Document | None], problems: Problems
) -> Mapping[str, Document]:
    """Find the candidate of each document by its file; what is wrong with one is noted."""
    found = {}
    for document in documents:
        if candidate := _candidate(document, reading, problems):
            found[document.file] = candidate
    return found


def _candidate(
    document: Document, reading: Callable[[Path], Document | None], problems: Problems
) -> Document | None:
    name, place = document.policy.shadow, document.place_of("shadow")
    path = Path(document.file).with_name(Path(name).name) if Path(name).name else None
    if not name:
        if document.policy.canary:
            message = "'canary' needs a policy that acts instead, name its file with 'shadow'"
            problems.add(document.place_of("canary"), message)
    elif path is None or path.name != name:
        problems.add(place, f"'{name}' is no name of a file beside the policy")
    elif path == Path(document.file):
        problems.add(place, "a policy is no shadow of itself, name another file")
    elif not path.is_file():
        problems.add(place, f"there is no file '{name}' beside the policy")
    elif (candidate := reading(path)) is not None:
        _must_be_the_last(candidate, problems)
        return candidate
    return None


def _must_be_the_last(candidate: Document, problems: Problems) -> None:
    for key in sorted({"shadow", "canary"} & candidate.policy.model_fields_set):
        message = f"this policy is the shadow of another and has none of its own, remove '{key}'"
        problems.add(candidate.place_of(key), message)


def beside(plan: Plan, own: Known, other: Known, builder: Builder, problems: Problems) -> Plan:
    """Give a plan with its candidate, compiled too.

    Args:
        plan: the one that it runs beside.
        own: where that is written.
        other: where the candidate is written.
        builder: shares what both are built of.
        problems: takes what is wrong with it.
    """
    section, policy, candidate = own.document.policy, own.merged(problems), other.merged(problems)
    freed = policy.floors - {policy.name} - candidate.floors
    if freed and section.canary:
        message = f"'canary' would free requests from the floors of {quoted(sorted(freed))}, "
        way_out = f"let '{section.shadow}' extend it, or remove 'canary'"
        problems.add(own.document.place_of("canary"), message + way_out)
    compiled = compile_policy(candidate, builder, problems)
    named = replace(compiled, name=plan.name, is_candidate=True)
    return replace(plan, candidate=Candidate(named, section.canary))
