"""Works in a folder: each file is one, known by its path in it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from guardrails.works.sources.files import Place, read, work_of
from guardrails.works.sources.source import PLAIN, Broken, Item, Terms


@dataclass(frozen=True, slots=True)
class FolderSource:
    """All files of a folder and of those in it, but for hidden ones; or one file alone."""

    path: Path
    terms: Terms = PLAIN

    def count(self) -> int:
        """Tell how many files there are."""
        return sum(1 for _ in self._names())

    def read(self) -> Iterator[Item]:
        """Give every file, by name."""
        folder = self.path if self.path.is_dir() else self.path.parent
        inside = f"{self.path.resolve().name}/" if self.path.is_dir() else ""
        for name in self._names():
            shown = str(folder / name)
            content = read(folder / name, shown)
            if isinstance(content, Broken):
                yield content
            else:
                yield work_of(Place(name, shown, inside + name), content, self.terms)

    def _names(self) -> Iterator[str]:
        return _files(self.path) if self.path.is_dir() else iter([self.path.name])


def _files(folder: Path) -> Iterator[str]:
    """Give names of files as they are written in any system, folder by folder."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if not name.startswith(".") and (path.is_file() or path.is_symlink()):
                yield path.relative_to(folder).as_posix()
