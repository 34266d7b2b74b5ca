"""The texts that every compiled model is proved on: short and long, of many kinds and scripts."""

from pathlib import Path

_FILE = Path(__file__).with_name("corpus.txt")
_LONG = (8, 24, 60)


def texts() -> tuple[str, ...]:
    """Give the texts of the file, and some that are several of them in a row."""
    written = [each.strip("\n") for each in _FILE.read_text("utf-8").split("\n%\n")]
    return (*written, *("\n\n".join(written[:count]) for count in _LONG))
