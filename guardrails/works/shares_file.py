"""Rules for shares, as an operator writes them in YAML."""

from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from guardrails.works.shares import Rules
from guardrails.works.store import WorksError

BYTES = 1 << 20
"""A larger file is refused."""


def load(path: Path) -> Rules:
    """Read rules.

    Raises:
        WorksError: the file cannot be read, or is not right; the message names all that is wrong.
    """
    try:
        with path.open("rb") as opened:
            raw = opened.read(BYTES + 1)
    except OSError as error:
        raise WorksError(
            f"{path}: cannot be read: {(error.strerror or 'failed').lower()}"
        ) from None
    if len(raw) > BYTES:
        raise WorksError(f"{path}: larger than {BYTES:,} bytes")
    try:
        written = YAML(typ="safe", pure=True).load(raw.decode("utf-8-sig"))
        return Rules.model_validate(written or {})
    except ValidationError as error:
        wrong = [f"{path}: {_told(one)}" for one in error.errors(include_url=False)]
        raise WorksError("\n".join(wrong)) from None
    except MarkedYAMLError as error:
        place = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise WorksError(f"{path}{place}: not valid YAML: {error.problem}") from None
    except (YAMLError, UnicodeDecodeError):
        raise WorksError(f"{path}: not valid YAML") from None


def _told(one: ErrorDetails) -> str:
    trail = ".".join(map(str, one["loc"]))
    said = one["msg"].removeprefix("Value error, ")
    said = said[0].lower() + said[1:]
    return f"'{trail}': {said}" if trail else said
