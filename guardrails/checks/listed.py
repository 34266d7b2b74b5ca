"""Lists that stand in a file beside the policy, one entry a line."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo


def lines(path: Path) -> tuple[str, ...]:
    """Read the entries; blank lines and lines that begin with ``#`` do not count.

    Raises:
        ValueError: the file cannot be read.
    """
    try:
        written = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ValueError(f"cannot read '{path}': {reason}") from None
    return tuple(line for line in written if line.strip() and not line.startswith("#"))


def _beside_policy(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("directory", Path())
    lines(folder / path)
    return folder / path


ListFile = Annotated[Path, AfterValidator(_beside_policy)]
"""A file that can be read; its path starts at the policy's folder."""
