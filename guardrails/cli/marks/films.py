"""`guardrails marks embed` and `detect` on films: they stay in their files, frame by frame."""

from pathlib import Path
from types import ModuleType
from typing import Any

from guardrails.cli.exits import BadArguments
from guardrails.cli.files import named
from guardrails.core.errors import MarkError
from guardrails.core.mark import Detection, Mark

SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"})


def is_film(path: Path) -> bool:
    """Tell by the name of a file."""
    return path.suffix.lower() in SUFFIXES


def embed(mark: Mark[Any], source: Path, target: Path) -> None:
    """Write a film with the mark in every frame.

    Raises:
        BadArguments: the mark is none for films, or the film cannot carry it.
    """
    waves = _waves(mark)
    try:
        with named():
            _library().embed(source, target, waves)
    except MarkError as error:
        raise BadArguments(f"'{source}': {error}") from None


def detect(mark: Mark[Any], source: Path) -> Detection:
    """Look for the mark in frames from all over a film.

    Raises:
        BadArguments: the mark is none for films, or there is no such file.
    """
    waves = _waves(mark)
    if not source.is_file():
        raise BadArguments(f"'{source}' cannot be read: no such file or directory")
    found: Detection = _library().detect(source, waves)
    return found


def _waves(mark: Mark[Any]) -> Any:
    from guardrails.marks.pictures.spread_spectrum import (  # noqa: PLC0415  # slow to import
        SpreadSpectrum,
    )

    if not isinstance(mark, SpreadSpectrum):
        raise BadArguments("of the marks only spread_spectrum is for films")
    return mark


def _library() -> ModuleType:
    try:
        from guardrails.marks.pictures import film  # noqa: PLC0415  # an extra
    except ModuleNotFoundError as error:
        if error.name != "av":
            raise
        raise BadArguments("films need 'av', install 'guardrails[video]'") from None
    return film
