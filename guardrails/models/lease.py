"""Models that are had for a time, so that one which has changed can be opened beside the old."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Protocol, runtime_checkable

from guardrails.models.model import Model


class Lender(Protocol):
    """Opens models for whoever gives them back."""

    def take(self, name: str) -> Model:
        """Open a model as its folder has it now.

        Raises:
            ModelError: there is none, its files were altered, or it will not run.
        """

    def give_back(self, models: Iterable[Model]) -> None:
        """Close those that nobody else has."""


class Lease:
    """The models of one set of policies, which are open for as long as it needs them.

    One that has changed since others took it is opened anew, beside theirs.
    """

    def __init__(self, lender: Lender) -> None:
        self._lender = lender
        self._taken: dict[str, Model] = {}
        self._taking = Lock()

    def open(self, name: str) -> Model:
        """Give the model of that name, the same one each time; see ``Lender.take``."""
        with self._taking:
            if name not in self._taken:
                self._taken[name] = self._lender.take(name)
            return self._taken[name]

    def close(self) -> None:
        """Give all back: nobody may use them after that."""
        with self._taking:
            models = tuple(self._taken.values())
            self._taken.clear()
        self._lender.give_back(models)


@runtime_checkable
class Lending(Protocol):
    """A source of models whose folders may change while it is used."""

    def lease(self) -> Lease:
        """Give a view for one load of policies: each model as its folder has it by then."""

    def files(self) -> tuple[Path, ...]:
        """Give the files on which it depends what a lease gives."""
