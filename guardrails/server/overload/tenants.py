"""How much each tenant may ask for: one small file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field, Strict, ValidationError

from guardrails.policy import source
from guardrails.policy.problems import Problems
from guardrails.policy.schema import Section
from guardrails.policy.source import Node
from guardrails.policy.wording import problems_in

OTHERS = "*"
"""Stands for every tenant that is not named, and for callers that name none."""

Rate: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Weight: TypeAlias = Annotated[float, Field(ge=0.01, le=1000, allow_inf_nan=False)]


class Terms(Section):
    """What one tenant may ask for; what is not written is not limited."""

    weight: Weight = 1.0
    """Its share of the places while others wait as well."""
    requests_per_second: Rate | None = None
    """On average."""
    characters_per_second: Rate | None = None
    """On average, of all texts together; a picture counts as 8,000."""
    burst_seconds: Rate = 2.0
    """What it did not ask for is kept this long, and may be asked for at once."""
    most_waiting: Annotated[int, Strict(), Field(ge=0)] | None = None
    """Requests of it that may wait for a place."""


class TenantsFile(Section):
    """What is written in the file."""

    tenants: Mapping[str, Terms] = Field(default_factory=dict)
    """By name; ``*`` is for all that are not named, each for itself."""


class Tenants:
    """The terms of each tenant."""

    def __init__(self, named: Mapping[str, Terms] | None = None) -> None:
        known = dict(named or {})
        self._others = known.pop(OTHERS, Terms())
        self._named = known

    def __contains__(self, tenant: object) -> bool:
        return tenant in self._named

    def terms(self, tenant: str) -> Terms:
        """Give what holds for a tenant."""
        return self._named.get(tenant, self._others)

    def label(self, tenant: str) -> str:
        """Name a tenant for metrics, where strangers share one name: theirs have no bound."""
        return tenant if tenant in self._named else "other"


def load(path: Path) -> Tenants:
    """Read the file.

    Raises:
        PolicyError: it is wrong.
    """
    problems = Problems()
    node = source.read(path, problems)
    problems.raise_any()
    return Tenants() if node is None else Tenants(_checked(node, problems).tenants)


def _checked(node: Node, problems: Problems) -> TenantsFile:
    try:
        return TenantsFile.model_validate(node.plain)
    except ValidationError as error:
        for problem in problems_in(error, node, TenantsFile, "key"):
            problems.add(problem.place, problem.message)
        problems.raise_any()
        raise
