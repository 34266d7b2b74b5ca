"""How an amount is shared among owners, by what their works gave. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from guardrails.works.store import Credited

CENT = Decimal("0.01")

Weight = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Weights(_Model):
    """How much one of each counts."""

    queries: Weight = Decimal(0)
    """Each verdict in which something of the owner's was found."""
    words: Weight = Decimal(1)
    tokens: Weight = Decimal(1)
    pictures: Weight = Decimal(500)


class Rules(_Model):
    """The rules that an operator has agreed on with owners."""

    weights: Weights = Weights()
    owners: Mapping[str, Weight] = {}
    """What an owner's points are multiplied by; 1 for who is not named, 0 shuts out."""
    split: Mapping[str, Mapping[str, Annotated[Decimal, Field(gt=0, le=1)]]] = {}
    """Who stands behind an owner, and their parts, which add up to 1."""
    minimum: Weight = Decimal(0)
    """Smaller shares are not paid; the amount is shared among the others."""

    @model_validator(mode="after")
    def _parts_are_whole(self) -> "Rules":
        for owner, parts in self.split.items():
            if sum(parts.values()) != 1:
                raise ValueError(f"split: the parts of '{owner}' do not add up to 1")
        return self


@dataclass(frozen=True, slots=True)
class Share:
    """What one gets: ``share`` of the whole, from 0 to 1, and so much of the amount."""

    owner: str
    points: Decimal
    share: Decimal
    amount: Decimal


def shared(credited: Sequence[Credited], rules: Rules, amount: Decimal) -> list[Share]:
    """Share an amount; to the cent, and not a cent more or less is given than there is.

    While the smallest share is below the minimum, it is left out, and the rest shared anew.
    """
    points = _points(credited, rules)
    while points:
        whole = sum(points.values())
        least = min(points, key=lambda owner: (points[owner], owner))
        if amount * points[least] / whole >= rules.minimum:
            break
        del points[least]
    return _to_the_cent(points, amount)


def _points(credited: Sequence[Credited], rules: Rules) -> dict[str, Decimal]:
    weights, points = rules.weights, defaultdict[str, Decimal](Decimal)
    for one in credited:
        mine = (
            weights.queries * one.queries
            + weights.words * one.words
            + weights.tokens * one.tokens
            + weights.pictures * one.pictures
        ) * rules.owners.get(one.owner, Decimal(1))
        for owner, part in rules.split.get(one.owner, {one.owner: Decimal(1)}).items():
            points[owner] += mine * part
    return {owner: mine for owner, mine in sorted(points.items()) if mine > 0}


def _to_the_cent(points: Mapping[str, Decimal], amount: Decimal) -> list[Share]:
    """Round down, then give the cents that are left to those who lost most by rounding."""
    whole = sum(points.values())
    exact = {owner: amount * mine / whole for owner, mine in points.items()}
    paid = {owner: due.quantize(CENT, ROUND_DOWN) for owner, due in exact.items()}
    left = int((amount.quantize(CENT, ROUND_DOWN) - sum(paid.values())) / CENT)
    for owner in sorted(exact, key=lambda owner: (paid[owner] - exact[owner], owner))[:left]:
        paid[owner] += CENT
    return [Share(owner, mine, mine / whole, paid[owner]) for owner, mine in points.items()]
