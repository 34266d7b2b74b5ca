"""Marks that stand beside their subject, in a file of their own (`--manifest`)."""

from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments
from guardrails.cli.files import bytes_of, named
from guardrails.core.mark import Detached, Detection, Mark


def detected(mark: Mark[Any], subject: Any, manifest: Path | None) -> Detection:
    """Look for a mark, with what stands beside the subject where it is such a mark.

    Raises:
        BadArguments: there is a manifest too much, or it cannot be read.
    """
    if manifest is None:
        return mark.detect(subject)
    if not isinstance(mark, Detached):
        raise BadArguments("--manifest does not go with this mark, which is in the file itself")
    return mark.detect_with(subject, bytes_of(manifest).decode("utf-8", "replace"))


def written(mark: Mark[Any], subject: Any, manifest: Path | None) -> None:
    """Write what stands beside a subject that was just marked.

    Raises:
        BadArguments: a manifest is missing or too much, or it cannot be written.
        MarkError: nothing can stand beside the subject.
    """
    if isinstance(mark, Detached) is (manifest is None):
        raise BadArguments("--manifest FILE goes with 'manifest' and no other mark")
    if isinstance(mark, Detached) and manifest is not None:
        attachment = mark.attachment_for(subject, {})
        with named():
            manifest.write_text(attachment + "\n", "utf-8")


def none(manifest: Path | None) -> None:
    """Let nothing stand beside a film.

    Raises:
        BadArguments: something should.
    """
    if manifest is not None:
        raise BadArguments("--manifest goes with 'manifest', which is for texts")
