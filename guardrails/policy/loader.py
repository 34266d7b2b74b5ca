"""From a directory of policies, or one file of it, to plans. It fails here or never."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from guardrails.checks.catalog import BUILTIN, Entry
from guardrails.core.check import Closing
from guardrails.core.problem import Place
from guardrails.hiding.vaults import Vault
from guardrails.models.model import Models
from guardrails.policy.building import Builder, Built, Key
from guardrails.policy.candidates import Known, beside, candidates
from guardrails.policy.compiler import compile_policy
from guardrails.policy.document import Document, read
from guardrails.policy.inheritance import lineage
from guardrails.policy.plan import Plan
from guardrails.policy.problems import Problems
from guardrails.policy.sources import named_in
from guardrails.policy.vaulting import VaultKey, Vaults


def load(
    path: Path,
    models: Models,
    *,
    catalog: Mapping[str, Entry] = BUILTIN,
    environment: Mapping[str, str] = os.environ,
) -> Mapping[str, Plan]:
    """Compile the policies of a place once; see ``Loader``."""
    return Loader(path, catalog=catalog, environment=environment).load(models)


class Loader:
    """Compiles every policy of a directory, or the one in a file, which may extend its neighbours.

    Again and again: a check that would be built as it was for the set that is kept is taken from
    there. Say with ``settle`` what became of a load before the next.
    """

    def __init__(
        self,
        path: Path,
        *,
        catalog: Mapping[str, Entry] = BUILTIN,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._path, self._catalog, self._environment = path, catalog, environment
        self._built: Mapping[Key, Built] = {}
        self._vaults: Mapping[VaultKey, Vault] = {}
        self._loading: Builder | None = None
        self._named: frozenset[Path] = frozenset()

    @property
    def files(self) -> frozenset[Path]:
        """Those on which it depended what the last load gave, and those that are policies now."""
        folder = self._path if self._path.is_dir() else self._path.parent
        there = policy_files(folder) if folder.is_dir() else ()
        return self._named | {self._path, *there}

    def load(self, models: Models) -> Mapping[str, Plan]:
        """Compile them as they are now.

        Returns:
            The plans by name of policy, in the order of the files.

        Raises:
            PolicyError: holds every problem of every file asked for, sorted by place.
        """
        problems = Problems()
        vaults = Vaults(self._vaults)
        self._loading = Builder(models, self._catalog, problems, self._built, vaults)
        plans = self._plans(self._loading, problems)
        problems.raise_any()
        return MappingProxyType(plans)

    def settle(self, *, kept: bool) -> None:
        """Keep what the last load has built for the next one, or close it: nobody uses it."""
        builder, self._loading = self._loading, None
        if builder is None:
            return
        if kept:
            self._built, self._vaults = builder.built, builder.vaults.opened
            return
        for check in builder.fresh():
            if isinstance(check, Closing):
                check.close()

    def _plans(self, builder: Builder, problems: Problems) -> dict[str, Plan]:
        several = self._path.is_dir()
        files = policy_files(self._path) if several else (self._path,)
        if not files:
            message = "no policies here, expected files such as 'chat.yaml'"
            problems.add(Place(str(self._path)), message)
        there = {path: read(path, self._environment, problems) for path in files}

        def reading(path: Path) -> Document | None:
            return there[path] if path in there else read(path, self._environment, problems)

        written = [document for document in there.values() if document is not None]
        others = candidates(written, reading, problems)
        self._named = frozenset(
            path for document in (*written, *others.values()) for path in named_in(document)
        )
        aside = {document.file for document in others.values()}
        asked = _by_name((one for one in written if one.file not in aside), problems)

        def known(document: Document) -> Known:
            near = asked if several else _with_bases(document, self._environment, problems)
            return Known(document, near)

        plans = {}
        for name, document in asked.items():
            own, candidate = known(document), others.get(document.file)
            plan = compile_policy(own.merged(problems), builder, problems)
            if candidate is not None:
                plan = beside(plan, own, known(candidate), builder, problems)
            plans[name] = plan
        return plans


def policy_files(directory: Path) -> tuple[Path, ...]:
    """The policies of a directory, sorted: all YAML but tests and hidden files."""
    return tuple(
        path
        for path in sorted(directory.iterdir())
        if path.suffix in {".yaml", ".yml"}
        and not path.stem.endswith("_test")
        and not path.name.startswith(".")
    )


def _by_name(documents: Iterable[Document], problems: Problems) -> dict[str, Document]:
    named: dict[str, Document] = {}
    for document in documents:
        name = document.policy.policy
        if name in named:
            message = f"policy '{name}' is already in {named[name].file}, names are unique"
            problems.add(document.place_of("policy"), message)
        named.setdefault(name, document)
    return named


def _with_bases(
    document: Document, environment: Mapping[str, str], problems: Problems
) -> Mapping[str, Document]:
    """What was asked for and what it builds on; what is wrong in other neighbours is not told."""
    file, asked = Path(document.file), {document.policy.policy: document}
    if not document.policy.extends:
        return asked
    neighbours = [path for path in policy_files(file.parent) if path != file]
    aside = Problems()
    read_ = (read(path, environment, aside) for path in neighbours)
    known = _by_name(filter(None, read_), aside) | asked
    line = [known[ancestor] for ancestor in lineage(document.policy.policy, known)]
    concerned = {document.file for document in line}
    if line[-1].policy.extends not in {"", *known}:  # its base may be in a file that is unreadable
        concerned |= {str(path) for path in neighbours} - {each.file for each in known.values()}
    for problem in aside.within(concerned):
        problems.add(problem.place, problem.message)
    return known
