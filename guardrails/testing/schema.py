"""The written form of a policy test: which keys there are, and what may stand under them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, Strict, ValidationInfo, model_validator

from guardrails.core.content import Surface
from guardrails.policy.schema import Name, Section, Switch

NO_MARKS = "none"
"""Stands for no mark at all."""


class PartSection(Section):
    """One part of a content: a text, a file that holds the text, or a picture."""

    text: str | None = None
    """The text itself."""
    file: str = ""
    """A file with the text in UTF-8; its path counts from the test file."""
    image: str = ""
    """A file with the picture; its path counts from the test file."""
    surface: Surface | None = None
    """Where the part comes from: the user in an input, the assistant in an output by default."""
    times: Annotated[int, Strict(), Field(ge=1, le=1_000_000)] = 1
    """How often the text is repeated, to try limits."""

    @model_validator(mode="after")
    def _must_be_one_thing(self) -> Self:
        if [self.text is not None, self.file != "", self.image != ""].count(True) != 1:
            raise ValueError("a part is one of 'text', 'file' and 'image'")
        if self.times > 1 and self.text is None:
            raise ValueError("'times' goes with 'text'")
        return self


def _parts(value: Any, info: ValidationInfo) -> Any:
    """A text stands for a list of one part, and in a list for a part."""
    if isinstance(value, str):
        return [{"text": value}]
    if not isinstance(value, list):
        hint = ", quote it" if isinstance(value, bool | int | float) else ""
        raise ValueError(f"'{info.field_name}' should be text or a list of parts{hint}")  # noqa: TRY004  # pydantic takes no other
    if not value:
        raise ValueError(f"'{info.field_name}' should not be empty")
    return [{"text": item} if isinstance(item, str) else item for item in value]


Parts: TypeAlias = Annotated[tuple[PartSection, ...], BeforeValidator(_parts)]
Position: TypeAlias = Annotated[int, Strict(), Field(ge=0)]


def _answer(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a stub says a score for a label, or a label for words")  # noqa: TRY004  # pydantic takes no other
    return value


Answer: TypeAlias = Annotated[float | str, BeforeValidator(_answer)]
Answers: TypeAlias = dict[str, dict[str, Answer]]
"""What stubbed models say, by name: the score of each label, or the label of each run of words."""


class FindSection(Section):
    """One thing that a rule finds, and where."""

    rule: str
    """The rule that finds it."""
    category: str = ""
    """Its category."""
    text: str = ""
    """The characters of the original text that it stands for."""
    start: Position | None = None
    """Its first character in the original text, counted from zero."""
    end: Position | None = None
    """The first character behind it."""
    part: Position | None = None
    """The number of the part that it is in, counted from zero."""


class MarkSection(Section):
    """One mark that is found in what is passed on."""

    mark: str
    """The mark of the policy."""
    key: str = ""
    """The id of the key that it is found with."""
    payload: Annotated[str, Field(pattern="^(?:[0-9a-f]*|decision)$")] = ""
    """What it carries, in hexadecimal; `decision` for what the id of the verdict begins with."""
    part: Position | None = None
    """The number of the part that it is in, counted from zero; every part of its kind without."""
    absent: Switch = False
    """It is not found; that it could not be put in is no mistake then."""

    @model_validator(mode="after")
    def _must_make_sense(self) -> Self:
        if self.absent and (self.key or self.payload):
            raise ValueError("'absent' does not go with 'key' or 'payload'")
        return self


def _marks(value: Any) -> Any:
    """A name stands for a mark; 'none' says that there is none at all."""
    if value == NO_MARKS:
        return ()
    if not isinstance(value, list) or not value:
        raise ValueError("'marks' should be a list of marks, or 'none'")
    return [{"mark": item} if isinstance(item, str) else item for item in value]


class CaseSection(Section):
    """One content, and what the policy shall do about it."""

    name: Annotated[str, Field(min_length=1)]
    """What the case shows, in words; unique in the file."""
    input: Parts | None = None
    """What goes into the model."""
    output: Parts | None = None
    """What comes out of the model."""
    prompt: Parts | None = None
    """What the output answers."""
    models: Answers = Field(default={})
    """What stubbed models say in this case; a model named here says nothing else."""
    only: Literal["stubbed", "live"] | None = None
    """Holds with stubbed models alone, or with real ones alone; skipped with the others."""
    expect: Literal["allow", "flag", "redact", "block"]
    """The action of the verdict."""
    by: tuple[str, ...] | None = None
    """Exactly these rules act (flag or more); `RULE.CATEGORY` narrows to what it finds."""
    passes_on: Parts | None = None
    """The whole content that is passed on."""
    reply: str | None = None
    """What the user is told instead of a blocked content."""
    unjudged: tuple[str, ...] = ()
    """Exactly these rules leave something unjudged; what an earlier block made moot may stand."""
    finds: tuple[FindSection, ...] = ()
    """Each of these is found; there may be more."""
    marks: Annotated[tuple[MarkSection, ...] | None, BeforeValidator(_marks)] = None
    """Each of these marks is found in what is passed on; `none` says that no mark is."""

    @model_validator(mode="after")
    def _must_make_sense(self) -> Self:
        for wrong in self._contradictions():
            raise ValueError(wrong)
        return self

    def _contradictions(self) -> Iterator[str]:
        blocks = self.expect == "block"
        if (self.input is None) == (self.output is None):
            yield "a case has an 'input' or an 'output', and not both"
        if self.prompt is not None and self.output is None:
            yield "'prompt' goes with an 'output'"
        if blocks and self.passes_on is not None:
            yield "'passes_on' cannot stand with 'expect: block', nothing is passed on"
        if not blocks and self.reply is not None:
            yield "'reply' goes with 'expect: block'"
        if any(not one.absent for one in self.marks or ()) and (blocks or self.output is None):
            yield "'marks' goes with an 'output' that is passed on, nothing else is marked"


class SuiteSection(Section):
    """One file of policy tests."""

    policy: Name
    """The policy under test: the name that a file in the same directory gives itself."""
    models: Answers = Field(default={})
    """What stubbed models say unless a case says otherwise; the others find nothing."""
    cases: Annotated[tuple[CaseSection, ...], Field(min_length=1)]
    """The cases, each on its own."""
