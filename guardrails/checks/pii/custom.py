"""Recognisers of an operator's own: a file in Presidio's YAML format, checked when read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import regex
import yaml
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from guardrails.core.check import Unjudged

_SECONDS = 0.25
"""For one pattern and one chunk of text; what takes longer backtracks."""


_WORDS = {"extra_forbidden": "unknown key", "missing": "missing"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _compiles(pattern: str) -> str:
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return pattern


class _Pattern(_Part):
    name: str
    regex: Annotated[str, AfterValidator(_compiles)]
    score: float = Field(ge=0, le=1)


class _Recogniser(_Part):
    """One recogniser; what it says of languages and countries is read and not used."""

    name: str
    supported_entity: str = ""
    supported_entities: tuple[str, ...] = ()
    patterns: tuple[_Pattern, ...] = ()
    deny_list: tuple[str, ...] = ()
    deny_list_score: float = Field(1.0, ge=0, le=1)
    context: tuple[str, ...] = ()
    type: Literal["custom"] = "custom"
    enabled: bool = True
    supported_language: str = ""
    supported_languages: tuple[Any, ...] = ()
    country_code: str = ""

    @property
    def entity(self) -> str:
        return self.supported_entity or next(iter(self.supported_entities), "")


class _File(_Part):
    recognizers: tuple[_Recogniser, ...] = Field(min_length=1)
    supported_languages: tuple[str, ...] = ()
    supported_countries: tuple[str, ...] = ()


class Custom(PatternRecognizer):
    """A recogniser from a file: it says so where Presidio would give up in silence."""

    def __init__(self, written: _Recogniser) -> None:
        patterns = [Pattern(each.name, each.regex, each.score) for each in written.patterns]
        super().__init__(
            supported_entity=written.entity,
            patterns=patterns,
            deny_list=list(written.deny_list),
            deny_list_score=written.deny_list_score,
            context=list(written.context),
        )
        self._title = written.name
        self._patterns = patterns  # and that of the deny list, which Presidio appends

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: Any = None
    ) -> list[RecognizerResult]:
        """Give every match.

        Raises:
            Unjudged: a pattern takes too long.
        """
        del entities, nlp_artifacts, regex_flags
        [entity] = self.supported_entities
        try:
            return [
                RecognizerResult(entity, match.start(), match.end(), pattern.score)
                for pattern in self._patterns
                for match in regex.finditer(
                    pattern.regex, text, self.global_regex_flags, timeout=_SECONDS
                )
                if match[0]
            ]
        except TimeoutError:
            raise Unjudged(f"recogniser '{self._title}' takes too long for this text") from None


def read(path: Path) -> tuple[Custom, ...]:
    """Read the recognisers of a file.

    Raises:
        ValueError: the file cannot be read, or something in it is wrong; it says where.
    """
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        file = _File.model_validate(written)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ValueError(f"cannot read '{path}': {reason}") from None
    except yaml.YAMLError as error:
        place = f":{mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        raise ValueError(f"'{path}{place}' is no YAML") from None
    except ValidationError as error:
        raise ValueError("; ".join(_told(path, error))) from None
    return tuple(_built(path, each) for each in file.recognizers if each.enabled)


def _told(path: Path, error: ValidationError) -> Iterator[str]:
    errors = error.errors(include_url=False, include_input=False)
    places = {each["loc"] for each in errors}
    for each in errors:
        place = each["loc"]
        if not any(other[: len(place)] == place for other in places - {place}):
            why = _WORDS.get(each["type"]) or each["msg"].removeprefix("Value error, ")
            yield f"'{path}': {_dotted(place)}: {why[:1].lower()}{why[1:]}"


def _dotted(place: tuple[int | str, ...]) -> str:
    keys = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return "".join(keys).lstrip(".") or "the file"


def _built(path: Path, written: _Recogniser) -> Custom:
    if not written.entity or not (written.patterns or written.deny_list):
        missing = "patterns" if written.entity else "supported_entity"
        raise ValueError(f"'{path}': recogniser '{written.name}' has no '{missing}'")
    return Custom(written)


def _beside_policy(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("directory", Path())
    read(folder / path)
    return folder / path


RecogniserFile = Annotated[Path, AfterValidator(_beside_policy)]
"""A file of recognisers; its path starts at the policy's folder."""
