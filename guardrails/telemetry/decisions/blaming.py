"""Tells which record was altered, moved or removed, from where a chain does not hold. Pure."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from guardrails.telemetry.chain import Anchor, Break
from guardrails.telemetry.decisions.line import canonical, read


def blamed(found: Break, record: dict[str, Any], before: Anchor, rest: Iterable[bytes]) -> Break:
    """Give what a break comes from; ``record`` is where it showed, ``rest`` what stands behind."""
    place = before.count + 1
    if record["n"] != place:
        return Break(place, _misplaced(record["n"], place, rest))
    if record["before"] == before.hash:
        return found
    following = next(iter(rest), b"")
    unspoilt = sha256(canonical({**record, "before": before.hash})).hexdigest()
    if (read(following) or {}).get("before") == unspoilt:
        return Break(place, "it was altered: it does not name the record before it")
    return Break(
        before.count,
        f"it does not have the hash that record {place} names: it was altered, or what followed it"
        " was replaced",
    )


def _misplaced(number: int, place: int, rest: Iterable[bytes]) -> str:
    """Tell how a record came to stand in the place of another, as well as it can be told."""
    behind = [record["n"] for record in map(read, rest) if record is not None]
    if behind[:1] == [place + 1]:
        return f"it says that it is record {number}: it was altered or replaced"
    if number < place:
        return f"record {number} stands in its place: it was doubled or moved there"
    if place in behind:
        return f"record {number} stands in its place, and it stands further on: they were reordered"
    if number == place + 1:
        return "it is missing: it was removed"
    return f"records {place} to {number - 1} are missing: they were removed"
