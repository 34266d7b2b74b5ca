"""From a check's name and settings to a check, built once and shared by all rules that agree."""

import json
import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from guardrails.checks.catalog import CheckClass, Entry, load
from guardrails.core.check import Check
from guardrails.core.errors import ModelError
from guardrails.models.model import Model, Models
from guardrails.policy.document import WrittenRule
from guardrails.policy.identity import identity
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.vaulting import Vaults
from guardrails.policy.wording import problems_in
from guardrails.settings import Settings

_PASSING = ("-wal", "-shm", "-journal")
"""Files that SQLite makes and removes again."""


@dataclass(frozen=True, slots=True)
class Built:
    """A check, its settings in one canonical form, and the hashes of its models by name."""

    check: Check[Any]
    settings: str
    models: Mapping[str, str]


Key: TypeAlias = tuple[object, ...]
"""Checks are one where all of this is equal: name, settings, models, and folders outside."""


class Builder:
    """Builds the checks of a set of policies; equal checks with equal settings are one.

    ``kept`` are those of the set before: one that would be built alike is taken from there.
    """

    def __init__(
        self,
        models: Models,
        catalog: Mapping[str, Entry],
        problems: Problems,
        kept: Mapping[Key, Built] = MappingProxyType({}),
        vaults: Vaults | None = None,
    ) -> None:
        self.vaults = vaults or Vaults()
        self._models = models
        self._catalog = catalog
        self._problems = problems
        self._kept = kept
        self.built: dict[Key, Built] = {}

    def fresh(self) -> Iterator[Check[Any]]:
        """Give the checks that were built here."""
        kept = {id(one.check) for one in self._kept.values()}
        return (one.check for one in self.built.values() if id(one.check) not in kept)

    def build(self, written: WrittenRule) -> Built | None:
        """The check of a rule; None where it cannot be built, which is noted."""
        check_class = self._class(written)
        if check_class is None:
            return None
        opened = _Opened(self._models)
        settings = self._settings(written, check_class, opened)
        if settings is None:
            return None
        told = canonical(settings)
        models = tuple(sorted(opened.hashes.items()))
        key = (written.rule.check, told, models, tuple(_folders(settings)))
        if key not in self.built:
            try:
                built = self._kept.get(key) or Built(check_class(settings), told, opened.hashes)
            except (ValueError, ModelError) as error:
                self._problems.add(written.place_of("with", "check"), str(error))
                return None
            self.built[key] = built
        return self.built[key]

    def _class(self, written: WrittenRule) -> CheckClass | None:
        name, place = written.rule.check, written.place_of("check")
        if name not in self._catalog:
            self._problems.add(
                place, f"unknown check '{name}', {did_you_mean(name, self._catalog)}"
            )
            return None
        try:
            return load(self._catalog[name])
        except ModuleNotFoundError as error:
            extra = self._catalog[name].extra
            message = f"check '{name}' needs '{error.name}', install 'guardrails[{extra}]'"
            self._problems.add(place, message)
            return None

    def _settings(
        self, written: WrittenRule, check_class: CheckClass, opened: "_Opened"
    ) -> Settings | None:
        settings, node = check_class.Settings, written.settings
        context = {"models": opened, "directory": Path(node.place.file).parent}
        try:
            return settings.model_validate(written.rule.with_, context=context)
        except ValidationError as error:
            for problem in problems_in(error, node, settings, "setting"):
                self._problems.add(problem.place, problem.message)
            return None


class _Opened:
    """Opens models, and remembers which."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self.hashes: dict[str, str] = {}

    def open(self, name: str) -> Model:
        model = self._models.open(name)
        self.hashes[name] = model.sha256
        return model


def canonical(value: Any) -> str:
    """One text for equal values, whatever the order of their keys and sets."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )


def _plain(value: Any) -> Any:
    if hasattr(value, "sha256"):  # a model; its hash is told apart from the settings
        return value.name
    if isinstance(value, BaseModel | Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, Path):  # what is in the file decides, not how it is called
        return sha256(value.read_bytes()).hexdigest()
    return str(value)


def _folders(settings: Settings) -> Iterator[tuple[object, ...]]:
    """Tell apart what settings name as text and only the disk knows: folders, and what is there.

    A store of works is followed by who has it open, for as long as it is the same one; in other
    folders every change makes another check.
    """
    for name, value in settings:
        if isinstance(value, str) and os.path.isdir(value):  # noqa: PTH112  # is no error for texts that are no path
            for path in sorted((Path(value), *Path(value).iterdir())):
                if not path.name.endswith(_PASSING):
                    yield path.name, *identity(path, changes=name != "store")
