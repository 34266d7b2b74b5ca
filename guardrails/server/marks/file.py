"""The file in which an operator says which marks are served, with which keys."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from guardrails.core.errors import GuardrailsError, KeyringError
from guardrails.keyring import Keyring
from guardrails.marks.catalog import BUILTIN, MarkClass, load
from guardrails.policy import environment as env
from guardrails.policy import source
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.schema import Name, Section, Switch, Unwritten, Words
from guardrails.policy.source import Node
from guardrails.policy.wording import problems_in
from guardrails.server.marks.offered import Offered
from guardrails.server.marks.rated import Rated


class OfferedSection(Section):
    """One mark, as it is served."""

    mark: Words
    """A mark of the catalog, also one that generators put in."""
    name: Name | None = None
    """What it is asked for by; as the mark is called by default."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Settings of the mark, as in a policy."""
    embed: Switch = False
    """Also put it into what is sent for that."""


class MarksDocument(Section):
    """One file of marks."""

    keys: Annotated[str, Unwritten] = Field("", repr=False)
    """The keys as "k2:BASE64,k1:BASE64", the current one first; from ${env:NAME}."""
    keys_file: Words = ""
    """A file that holds them, as seen from the folder of this one."""
    marks: Annotated[tuple[OfferedSection, ...], Field(min_length=1)]
    """What is served."""


def read(path: Path, environment: Mapping[str, str] = os.environ) -> Mapping[str, Offered]:
    """Build all marks of a file, by the names that they are asked for by.

    Raises:
        PolicyError: holds every problem of the file, sorted by place.
    """
    problems = Problems()
    offered = _read(path, environment, problems)
    problems.raise_any()
    return offered


def _read(path: Path, environment: Mapping[str, str], problems: Problems) -> Mapping[str, Offered]:
    node = source.read(path, problems)
    if node is None:
        return {}
    node = env.resolve(node, environment, problems)
    if any(problems.within({str(path)})):
        return {}
    try:
        document = MarksDocument.model_validate(node.plain)
        keyring = _keyring(document, path.parent)
    except ValidationError as error:
        for problem in problems_in(error, node, MarksDocument, "key"):
            problems.add(problem.place, problem.message)
        return {}
    except KeyringError as error:
        written = node.members.get("keys_file", node.members.get("keys", node))
        problems.add(written.place, str(error))
        return {}
    return _Builder(path.parent, keyring, problems).built(document, node)


def _keyring(document: MarksDocument, folder: Path) -> Keyring | None:
    if document.keys_file:
        try:
            return Keyring.parse((folder / document.keys_file).read_text(errors="replace"))
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise KeyringError(f"'{document.keys_file}' cannot be read: {reason}") from None
    return Keyring.parse(document.keys) if "keys" in document.model_fields_set else None


class _Builder:
    """Builds the marks of one file; what cannot be built is noted and missing."""

    def __init__(self, folder: Path, keyring: Keyring | None, problems: Problems) -> None:
        self._context = {"directory": folder, "keyring": keyring}
        self._problems = problems

    def built(self, document: MarksDocument, node: Node) -> Mapping[str, Offered]:
        """Build each mark, in order."""
        offered: dict[str, Offered] = {}
        for section, written in zip(document.marks, node.members["marks"].items, strict=True):
            name = section.name or section.mark
            if name in offered:
                place = written.members["name" if section.name else "mark"].place
                self._problems.add(place, f"'{name}' is there already, give this one a 'name'")
            elif rated := self._rated(section, written):
                offered[name] = Offered(name, section.mark, rated, embed=section.embed)
        return offered

    def _rated(self, section: OfferedSection, node: Node) -> Rated | None:
        place = node.members["mark"].place
        try:
            kind = self._class(section)
            settings = kind.Settings.model_validate(section.with_, context=self._context)
            return Rated(kind, settings)
        except ValidationError as error:
            written = node.members.get("with", Node(place, {}, place))
            for problem in problems_in(error, written, kind.Settings, "setting"):
                self._problems.add(problem.place, problem.message)
        except (ValueError, GuardrailsError) as error:
            self._problems.add(place, str(error))
        return None

    def _class(self, section: OfferedSection) -> MarkClass:
        """Give the class of a mark that can be served.

        Raises:
            ValueError: why not.
        """
        name = section.mark
        if name not in BUILTIN:
            raise ValueError(f"unknown mark '{name}', {did_you_mean(name, BUILTIN)}")
        entry = BUILTIN[name]
        if entry.sampled and section.embed:
            raise ValueError(f"mark '{name}' is put in by generators alone, remove 'embed'")
        if name == "manifest":
            raise ValueError("mark 'manifest' stands beside a text, which has no place here")
        try:
            kind = load(entry)
        except ModuleNotFoundError as error:
            extra = f"install 'guardrails[{entry.extra}]'"
            raise ValueError(f"mark '{name}' needs '{error.name}', {extra}") from None
        keyed = "keyring" in kind.Settings.model_fields and "keyring" not in section.with_
        if keyed and self._context["keyring"] is None:
            raise ValueError(
                f"mark '{name}' has no keys, write 'keys: ${{env:NAME}}' or 'keys_file'"
            )
        return kind
