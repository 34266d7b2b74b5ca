"""The written form of a policy: which keys there are, and what may stand under them."""

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    WithJsonSchema,
)

from guardrails.core.content import Surface
from guardrails.hiding.terms import Scope, Terms
from guardrails.policy.plan import COVERAGE
from guardrails.policy.terms import Limits, Mode, RedactAs, Release, Saturation, StreamTerms

_LIMITS = Limits()
_TERMS = Terms()
_STREAM = StreamTerms()
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(rf"([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?)({'|'.join(_UNITS)})")


def _seconds(value: Any, where: ValidationInfo) -> Any:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"'{where.field_name}' should be a time such as '50ms', '2s' or '1h'")
    seconds = float(found[1]) * _UNITS[found[2]]
    if not seconds:
        raise ValueError(f"'{where.field_name}' should be more than nothing")
    return seconds


def _share(value: Any, where: ValidationInfo) -> Any:
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    share = float(found[1]) / 100 if found else 0.0
    if not 0 < share <= 1:
        raise ValueError(f"'{where.field_name}' should be a share such as '5%' or '0.5%'")
    return share


def _not_reserved(name: str) -> str:
    if name == COVERAGE:
        raise ValueError(f"'{name}' stands for what no rule covers, use another name")
    return name


def _no_default(schema: dict[str, Any]) -> None:
    del schema["default"]


Unwritten = Field(json_schema_extra=_no_default)
"""The default only stands for "not written": nothing that an author would want to see."""
Words: TypeAlias = Annotated[str, Field(min_length=1), Unwritten]
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
RuleName: TypeAlias = Annotated[Name, AfterValidator(_not_reserved), Unwritten]
Count: TypeAlias = Annotated[int, Strict(), Field(ge=1)]
Switch: TypeAlias = Annotated[bool, Strict()]
Share: TypeAlias = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Rate: TypeAlias = Annotated[float, Strict(), Field(gt=0, lt=1, allow_inf_nan=False), Unwritten]
Seconds: TypeAlias = Annotated[
    float,
    BeforeValidator(_seconds),
    Unwritten,
    WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$", "examples": ["50ms", "2s"]}),
]
Percent: TypeAlias = Annotated[
    float,
    BeforeValidator(_share),
    Unwritten,
    WithJsonSchema({"type": "string", "pattern": f"^{_PERCENT.pattern}$", "examples": ["5%"]}),
]
Otherwise: TypeAlias = Literal["allow", "flag", "block"]


class Section(BaseModel):
    """A mapping in a policy: unknown keys are errors, the docstring of a key describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class LimitsSection(Section):
    """How much of one request is judged at the most; more is refused."""

    characters: Count = _LIMITS.characters
    """Of all texts together, the prompt's included."""
    parts: Count = _LIMITS.parts
    """Texts and pictures together."""
    pixels: Count = _LIMITS.pixels
    """Of one picture, all its judged frames together."""
    frames: Count = _LIMITS.frames
    """Of all pictures of a request together; a still one has one."""


class PicturesSection(Section):
    """What else is done with pictures."""

    read_text: Switch = False
    """Read the text in them, and have the rules for texts look at it; takes up to a second each."""


class RepliesSection(Section):
    """What the user is told instead."""

    block: Words = ""
    """When the content is blocked."""


class RedactSection(Section):
    """How what was found is made unreadable."""

    as_: RedactAs = Field(default=RedactAs.LABEL, alias="as")
    """What stands in its place: its category, one asterisk for each character, a keyed pseudonym, a
    likely substitute, or a placeholder that is restored in the answer."""
    categories: dict[str, RedactAs] = {}
    """The same for single categories, where they differ."""


class HidingSection(Section):
    """What pseudonyms and sealed placeholders are made with."""

    keys: Annotated[str, Unwritten] = Field("", repr=False)
    """The keys as "k2:BASE64,k1:BASE64", the current one first; from ${env:NAME}, never written
    out."""
    keys_file: Words = ""
    """A file that holds them, as seen from the policy's directory."""
    scope: Scope = _TERMS.scope
    """Within what the same person has the same pseudonym."""
    expires: Seconds = _TERMS.expires
    """How long what was sealed can be restored."""
    vault: Words = Field("", repr=False)
    """Where sealed values wait for callers that cannot carry a token: a file, or redis://HOST."""


class Rule(Section):
    """A check, its settings, and what shall happen."""

    check: Words = ""
    """A check of the catalog. Only a rule that overrides one of the base may leave it out."""
    rule: RuleName = ""
    """Its name in reports, unique in its stage; the check's name by default."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Settings of the check."""
    threshold: Share = 0.5
    """The score, from 0 to 1, from which a finding counts."""
    thresholds: dict[str, Share] = {}
    """The same for single categories, where they differ."""
    target_fpr: Rate = 0.0
    """In the place of a threshold: the share of harmless texts that may count, at the most."""
    then: Literal["flag", "redact", "block"] = "block"
    """What happens when the check finds something."""
    redact: RedactSection = RedactSection()
    """How `then: redact` is done."""
    credit: Switch = False
    """Add a line to the answer for each work that the check found in it, where it is passed on."""
    on_error: Otherwise = "block"
    """What happens when the check fails."""
    on_unjudged: Otherwise = "block"
    """What happens when the check cannot judge: too long, not readable, out of time."""
    timeout: Seconds = 0.0
    """How long one look may take; 1s for a light check, 5s for one that runs a model."""
    surfaces: Annotated[tuple[Surface, ...], Field(min_length=1)] = tuple(Surface)
    """Which parts are judged, by where they came from; all by default."""
    floor: Switch = False
    """In a base: policies that extend it cannot weaken this rule."""
    needs: Literal["window", "whole"] = "window"
    """How much of a streamed answer must be there before it is judged; "whole" holds all of it back
    until then. Checks that cannot judge windows do so whatever is written."""
    always: Switch = False
    """Run even when an earlier wave has blocked. A rule that flags always does."""

    @property
    def name(self) -> str:
        """Its name in reports; empty where neither name nor check is written."""
        return self.rule or self.check


class StreamSection(Section):
    """How answers are judged while they are spoken."""

    release: Release = _STREAM.release
    """Hold text back until it is judged, or show it eagerly, as it comes, and stop at a block."""
    window: Annotated[int, Strict(), Field(ge=40, le=20_000)] | None = Field(
        None, json_schema_extra=_no_default
    )
    """Characters of new text that are judged at a time, up to the end of their last sentence: 240
    where a rule runs a model, else 60."""
    overlap: Annotated[int, Strict(), Field(ge=0, le=20_000)] = _STREAM.overlap
    """Characters before them that are judged with them again, at least; rules may need more."""


class MarkRule(Section):
    """A mark, its settings, and what happens when it cannot be put in."""

    mark: Annotated[str, Field(min_length=1)]
    """A mark of the catalog."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Settings of the mark."""
    on_error: Otherwise = "block"
    """What happens when content cannot carry the mark, or the mark fails."""


class PolicyDocument(Section):
    """One policy file."""

    policy: Name
    """Its name, unique among the policies that are loaded together."""
    mode: Mode = Mode.ENFORCE
    """Carry actions out, or only flag: observe is for trying a policy on real traffic."""
    extends: Words = ""
    """The name of a policy in the same directory that this one builds on."""
    limits: LimitsSection = LimitsSection()
    """How much of one request is judged at the most."""
    on_unjudged: Otherwise = "block"
    """What happens to texts or pictures at a stage whose rules only look at the other kind."""
    when_saturated: Saturation = Saturation.REFUSE
    """What happens when models have no time: refuse the request, or judge it by light rules alone,
    and leave those that run a model unjudged."""
    input: tuple[Rule, ...] = ()
    """Rules for what goes into the model."""
    output: tuple[Rule, ...] = ()
    """Rules for what comes out of the model."""
    pictures: PicturesSection = Field(default_factory=PicturesSection)
    """What else is done with pictures than to show them to the rules for pictures."""
    hiding: HidingSection = Field(default_factory=HidingSection)
    """The keys that values are hidden with, and how far and how long that holds."""
    marks: tuple[MarkRule, ...] = ()
    """What signs answers that are passed on, in this order; each kind of mark once."""
    stream: StreamSection = Field(default_factory=StreamSection)
    """When the text of a streamed answer is shown, and how much is judged at a time."""
    replies: RepliesSection = Field(default_factory=RepliesSection)
    """What the user is told in the place of what is held back."""
    shadow: Words = ""
    """A file, as seen from the policy's directory, with a policy that runs beside this one where
    they are served: it decides nothing, and where the two differ is counted."""
    canary: Percent = 0.0
    """The share of requests that are judged by the policy of `shadow` instead of this one."""
