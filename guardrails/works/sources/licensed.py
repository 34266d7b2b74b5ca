"""Which licence a folder of a repository is under: the nearest that says one holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from guardrails.works.code.licences import detected, spdx, stated

_TEXTS = ("licence", "license", "copying", "unlicense")
_PACKAGES = frozenset(("pyproject.toml", "cargo.toml", "package.json", "composer.json", "pkg-info"))


def is_licence(path: str) -> bool:
    """Tell the text of a licence by its name."""
    return PurePosixPath(path).name.lower().startswith(_TEXTS)


def tells_licence(path: str) -> bool:
    """Tell a file that may say the licence of its folder by its name."""
    return is_licence(path) or PurePosixPath(path).name.lower() in _PACKAGES


@dataclass(frozen=True, slots=True)
class Licences:
    """Licences by the folder that they hold for, and for those in it."""

    folders: Mapping[str, str]

    @classmethod
    def read(cls, files: Mapping[str, bytes]) -> Self:
        """Read what tells a licence; what a package says of itself goes before texts beside it."""
        by_folder: dict[str, dict[str, str]] = {}
        for path, content in sorted(files.items()):
            place = PurePosixPath(path)
            by_folder.setdefault(str(place.parent), {})[place.name] = content.decode(
                errors="replace"
            )
        found = {folder: _of(texts) for folder, texts in by_folder.items()}
        return cls({folder: licence for folder, licence in found.items() if licence})

    def of(self, path: str) -> str:
        """Give the licence of a file as an SPDX expression, empty when none is known."""
        above = (str(folder) for folder in PurePosixPath(path).parents)
        return next((self.folders[folder] for folder in above if folder in self.folders), "")


def _of(texts: Mapping[str, str]) -> str:
    """Give the licence of one folder; ``LICENSE-MIT`` beside ``LICENSE-APACHE`` is a choice."""
    said = dict.fromkeys(filter(None, (stated(name, text) for name, text in texts.items())))
    if said:
        return _joined(said, " AND ")
    read = {name: detected(text) for name, text in texts.items() if is_licence(name)}
    known = {licence: name for name, licence in read.items() if licence}
    chosen = len(known) > 1 and all("-" in name for name in known.values())
    return _joined(known, " OR " if chosen else " AND ")


def _joined(licences: Mapping[str, object], word: str) -> str:
    return spdx(word.join(f"({one})" for one in licences))
