"""Nothing that a default install brings is under the GPL or the AGPL."""

import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser General Public|Library General Public", re.IGNORECASE)
OTHER_CHOICES = re.compile(r" OR |[Dd]ual")

KNOWN: dict[str, str] = {}
"""Those that are named so all the same, and why they may be there. There are none."""


def closure(name: str, extras: frozenset[str]) -> set[str]:
    """Give the names of all distributions that an install of this one brings here."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonicalize_name(name), extras)]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            told = distribution(one[0]).requires or ()
        except PackageNotFoundError:
            continue
        for requirement in map(Requirement, told):
            marker = requirement.marker
            wanted = one[1] | {""}
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return {name for name, _ in seen}


def licence(name: str) -> str:
    """Give what a distribution says of its licence, in whichever way it says it."""
    told = distribution(name).metadata
    classifiers = [one for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    short = [line for line in (told.get("License") or "").splitlines()[:1] if len(line) < 100]
    return " ".join((*short, told.get("License-Expression") or "", *classifiers)).strip()


def is_copyleft(told: str) -> bool:
    return bool(COPYLEFT.search(LESSER.sub("", told))) and not OTHER_CHOICES.search(told)


@pytest.mark.parametrize(
    ("told", "copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("LGPL-2.1", False),
        ("MIT", False),
        ("MIT OR GPL-2.0", False),
    ],
)
def test_copyleft_is_told_from_other_licences(told, copyleft):
    assert is_copyleft(told) is copyleft


def test_a_default_install_brings_nothing_under_the_gpl():
    installed = []
    for name in sorted(closure("guardrails", frozenset({"all-cpu"}))):
        try:
            installed.append((name, licence(name)))
        except PackageNotFoundError:
            continue  # of an extra of a dependency, which is not installed

    found = {name: told for name, told in installed if is_copyleft(told) and name not in KNOWN}
    assert found == {}
    assert len(installed) > 50
