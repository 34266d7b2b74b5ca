"""From a directory of policies, or one file of it, to plans. It fails here or never."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from guardrails.checks.catalog import BUILTIN, Entry
from guardrails.core.problem import Place
from guardrails.models.model import Models
from guardrails.policy.building import Builder
from guardrails.policy.compiler import compile_policy
from guardrails.policy.document import Document, read
from guardrails.policy.inheritance import Family, lineage
from guardrails.policy.plan import Plan
from guardrails.policy.problems import Problems


def load(
    path: Path,
    models: Models,
    *,
    catalog: Mapping[str, Entry] = BUILTIN,
    environment: Mapping[str, str] = os.environ,
) -> Mapping[str, Plan]:
    """Compile every policy of a directory, or the one in a file, which may extend its neighbours.

    Returns:
        The plans by name of policy, in the order of the files.

    Raises:
        PolicyError: holds every problem of every file asked for, sorted by place.
    """
    problems = Problems()
    files = policy_files(path) if path.is_dir() else (path,)
    if not files:
        problems.add(Place(str(path)), "no policies here, expected files such as 'chat.yaml'")
    asked = _documents(files, environment, problems)
    known = asked if path.is_dir() else _with_bases(path, asked, environment, problems)
    family, builder = Family(known, problems), Builder(models, catalog, problems)
    plans = {name: compile_policy(family.policy(name), builder, problems) for name in asked}
    problems.raise_any()
    return MappingProxyType(plans)


def policy_files(directory: Path) -> tuple[Path, ...]:
    """The policies of a directory, sorted: all YAML but tests and hidden files."""
    return tuple(
        path
        for path in sorted(directory.iterdir())
        if path.suffix in {".yaml", ".yml"}
        and not path.stem.endswith("_test")
        and not path.name.startswith(".")
    )


def _documents(
    files: Iterable[Path], environment: Mapping[str, str], problems: Problems
) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for document in filter(None, (read(file, environment, problems) for file in files)):
        name = document.policy.policy
        if name in documents:
            message = f"policy '{name}' is already in {documents[name].file}, names are unique"
            problems.add(document.place_of("policy"), message)
        documents.setdefault(name, document)
    return documents


def _with_bases(
    file: Path, asked: dict[str, Document], environment: Mapping[str, str], problems: Problems
) -> dict[str, Document]:
    """What was asked for and what it builds on; what is wrong in other neighbours is not told."""
    if not any(document.policy.extends for document in asked.values()):
        return asked
    neighbours = [path for path in policy_files(file.parent) if path != file]
    aside = Problems()
    known = _documents(neighbours, environment, aside) | asked
    (name,) = asked
    line = [known[ancestor] for ancestor in lineage(name, known)]
    concerned = {document.file for document in line}
    if line[-1].policy.extends not in {"", *known}:  # its base may be in a file that is unreadable
        concerned |= {str(path) for path in neighbours} - {each.file for each in known.values()}
    for problem in aside.within(concerned):
        problems.add(problem.place, problem.message)
    return known
