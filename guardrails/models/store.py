"""Where models come from: folders, verified file by file, opened once and kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from guardrails.core.errors import ModelError
from guardrails.models.lease import Lease
from guardrails.models.manifest import MANIFEST, Manifest, read
from guardrails.models.model import Model
from guardrails.models.opening import AnyModel, opened
from guardrails.models.session import Hardware
from guardrails.models.watch import Watch
from guardrails.telemetry.model_load import ModelLoad

SHIPPED = Path(__file__).parent / "zoo"
LOOKS = 10
"""At whether a batch hangs, in the time that one may take."""


def folders(roots: Iterable[Path]) -> dict[str, Path]:
    """Find every model: name to folder. The roots come first to last, then what ships."""
    found: dict[str, Path] = {}
    for root in (*roots, SHIPPED):
        for manifest in sorted(root.glob(f"*/{MANIFEST}")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return dict(sorted(found.items()))


def manifests(roots: Iterable[Path] = ()) -> tuple[Manifest, ...]:
    """Read every model's manifest.

    Raises:
        ModelError: one of them is wrong.
    """
    return tuple(map(read, folders(roots).values()))


@dataclass(slots=True)
class _Shared:
    """An open model, and how many have taken it."""

    model: AnyModel
    users: int = 0


class ModelStore:
    """Opens models by name, each once: verified, loaded, warm. Safe to use from many threads.

    ``roots`` are directories of model folders that are looked through before what ships.
    """

    def __init__(self, roots: Sequence[Path] = (), hardware: Hardware | None = None) -> None:
        self._roots = tuple(roots)
        self._hardware = hardware or Hardware()
        self._opened: dict[str, AnyModel] = {}
        self._shared: dict[str, _Shared] = {}
        self._closed = False
        self._opening = Lock()
        self._watch = Watch(self._hardware.patience / LOOKS)

    def open(self, name: str) -> Model:
        """Give the open model of that name, the same one each time.

        Raises:
            ModelError: there is none, its files were altered, or it will not run.
        """
        with self._opening:
            self._must_be_open(name)
            if name not in self._opened:
                self._opened[name] = self._taken(read(self._folder(name))).model
            return self._opened[name]

    def lease(self) -> Lease:
        """Give a view for one load of policies: each model as its folder has it by then."""
        return Lease(self)

    def files(self) -> tuple[Path, ...]:
        """Give the files of the models in ``roots``: when one changes, a lease may give others."""
        there = (
            sorted(manifest.parent.iterdir())
            for root in self._roots
            for manifest in sorted(root.glob(f"*/{MANIFEST}"))
        )
        return tuple(file for files in there for file in files)

    def loads(self) -> Mapping[str, ModelLoad]:
        """What each open model has to do, by name; where two have one name, the later."""
        return {one.model.name: one.model.load for one in tuple(self._shared.values())}

    def close(self) -> None:
        """Close every model: what waits for one fails."""
        with self._opening:
            self._closed = True
            for shared in self._shared.values():
                shared.model.close()
            self._shared.clear()
        self._watch.close()

    def take(self, name: str) -> Model:
        """Open a model as its folder has it now, for whoever gives it back; see ``Lease``.

        Raises:
            ModelError: there is none, its files were altered, or it will not run.
        """
        with self._opening:
            self._must_be_open(name)
            return self._taken(read(self._folder(name))).model

    def give_back(self, models: Iterable[Model]) -> None:
        """Close those that nobody else has."""
        with self._opening:
            unused = [one for one in map(self._left, models) if one is not None]
        for model in unused:
            model.close()

    def _taken(self, manifest: Manifest) -> _Shared:
        shared = self._shared.get(manifest.digest)
        if shared is None:
            model = opened(manifest, self._hardware, self._watch)
            shared = self._shared[manifest.digest] = _Shared(model)
        shared.users += 1
        return shared

    def _left(self, model: Model) -> AnyModel | None:
        """Count a user less; give the model where that was the last one."""
        shared = self._shared.get(model.sha256)
        if shared is None:  # the store was closed meanwhile
            return None
        shared.users -= 1
        return None if shared.users else self._shared.pop(model.sha256).model

    def _must_be_open(self, name: str) -> None:
        if self._closed:
            raise ModelError(f"model '{name}': the store was closed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _folder(self, name: str) -> Path:
        there = folders(self._roots)
        if name in there:
            return there[name]
        close = get_close_matches(name, there, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(there)}"
        raise ModelError(f"unknown model '{name}', {hint}")
