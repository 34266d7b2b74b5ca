from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_INPUT: _ClassVar[Stage]
    STAGE_OUTPUT: _ClassVar[Stage]

class Surface(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SURFACE_UNSPECIFIED: _ClassVar[Surface]
    SURFACE_SYSTEM: _ClassVar[Surface]
    SURFACE_USER: _ClassVar[Surface]
    SURFACE_ASSISTANT: _ClassVar[Surface]
    SURFACE_TOOL: _ClassVar[Surface]
    SURFACE_DOCUMENT: _ClassVar[Surface]

class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_UNSPECIFIED: _ClassVar[Action]
    ACTION_ALLOW: _ClassVar[Action]
    ACTION_FLAG: _ClassVar[Action]
    ACTION_REDACT: _ClassVar[Action]
    ACTION_BLOCK: _ClassVar[Action]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_FOUND: _ClassVar[Outcome]
    OUTCOME_CLEAR: _ClassVar[Outcome]
    OUTCOME_FAILED: _ClassVar[Outcome]
    OUTCOME_UNJUDGED: _ClassVar[Outcome]
STAGE_UNSPECIFIED: Stage
STAGE_INPUT: Stage
STAGE_OUTPUT: Stage
SURFACE_UNSPECIFIED: Surface
SURFACE_SYSTEM: Surface
SURFACE_USER: Surface
SURFACE_ASSISTANT: Surface
SURFACE_TOOL: Surface
SURFACE_DOCUMENT: Surface
ACTION_UNSPECIFIED: Action
ACTION_ALLOW: Action
ACTION_FLAG: Action
ACTION_REDACT: Action
ACTION_BLOCK: Action
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_FOUND: Outcome
OUTCOME_CLEAR: Outcome
OUTCOME_FAILED: Outcome
OUTCOME_UNJUDGED: Outcome

class Part(_message.Message):
    __slots__ = ("surface", "text", "image")
    SURFACE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    surface: Surface
    text: str
    image: bytes
    def __init__(self, surface: _Optional[_Union[Surface, str]] = ..., text: _Optional[str] = ..., image: _Optional[bytes] = ...) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("policy", "stage", "parts", "prompt", "sealed", "tenant", "person")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    policy: str
    stage: Stage
    parts: _containers.RepeatedCompositeFieldContainer[Part]
    prompt: _containers.RepeatedCompositeFieldContainer[Part]
    sealed: str
    tenant: str
    person: str
    def __init__(self, policy: _Optional[str] = ..., stage: _Optional[_Union[Stage, str]] = ..., parts: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., prompt: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., sealed: _Optional[str] = ..., tenant: _Optional[str] = ..., person: _Optional[str] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("verdict",)
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    verdict: Verdict
    def __init__(self, verdict: _Optional[_Union[Verdict, _Mapping]] = ...) -> None: ...

class EvaluateStreamRequest(_message.Message):
    __slots__ = ("opening", "piece")
    OPENING_FIELD_NUMBER: _ClassVar[int]
    PIECE_FIELD_NUMBER: _ClassVar[int]
    opening: EvaluateRequest
    piece: Piece
    def __init__(self, opening: _Optional[_Union[EvaluateRequest, _Mapping]] = ..., piece: _Optional[_Union[Piece, _Mapping]] = ...) -> None: ...

class Piece(_message.Message):
    __slots__ = ("part", "surface", "text")
    PART_FIELD_NUMBER: _ClassVar[int]
    SURFACE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    part: int
    surface: Surface
    text: str
    def __init__(self, part: _Optional[int] = ..., surface: _Optional[_Union[Surface, str]] = ..., text: _Optional[str] = ...) -> None: ...

class EvaluateStreamResponse(_message.Message):
    __slots__ = ("prompt", "released", "verdict")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    prompt: Verdict
    released: Released
    verdict: Verdict
    def __init__(self, prompt: _Optional[_Union[Verdict, _Mapping]] = ..., released: _Optional[_Union[Released, _Mapping]] = ..., verdict: _Optional[_Union[Verdict, _Mapping]] = ...) -> None: ...

class Released(_message.Message):
    __slots__ = ("part", "text")
    PART_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    part: int
    text: str
    def __init__(self, part: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("id", "action", "stage", "content", "reply", "reports", "policy", "policy_hash", "models", "milliseconds", "sealed", "marks")
    class ModelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    POLICY_HASH_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    id: str
    action: Action
    stage: Stage
    content: _containers.RepeatedCompositeFieldContainer[Part]
    reply: str
    reports: _containers.RepeatedCompositeFieldContainer[Report]
    policy: str
    policy_hash: str
    models: _containers.ScalarMap[str, str]
    milliseconds: float
    sealed: str
    marks: _containers.RepeatedCompositeFieldContainer[Marked]
    def __init__(self, id: _Optional[str] = ..., action: _Optional[_Union[Action, str]] = ..., stage: _Optional[_Union[Stage, str]] = ..., content: _Optional[_Iterable[_Union[Part, _Mapping]]] = ..., reply: _Optional[str] = ..., reports: _Optional[_Iterable[_Union[Report, _Mapping]]] = ..., policy: _Optional[str] = ..., policy_hash: _Optional[str] = ..., models: _Optional[_Mapping[str, str]] = ..., milliseconds: _Optional[float] = ..., sealed: _Optional[str] = ..., marks: _Optional[_Iterable[_Union[Marked, _Mapping]]] = ...) -> None: ...

class Marked(_message.Message):
    __slots__ = ("mark", "key_id", "part", "payload", "attachment")
    MARK_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    mark: str
    key_id: str
    part: int
    payload: str
    attachment: str
    def __init__(self, mark: _Optional[str] = ..., key_id: _Optional[str] = ..., part: _Optional[int] = ..., payload: _Optional[str] = ..., attachment: _Optional[str] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("rule", "check", "outcome", "action", "findings", "scores", "parts", "reason", "milliseconds", "thresholds")
    class ScoresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class ThresholdsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    RULE_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    rule: str
    check: str
    outcome: Outcome
    action: Action
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    scores: _containers.ScalarMap[str, float]
    parts: _containers.RepeatedScalarFieldContainer[int]
    reason: str
    milliseconds: float
    thresholds: _containers.ScalarMap[str, float]
    def __init__(self, rule: _Optional[str] = ..., check: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., action: _Optional[_Union[Action, str]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., scores: _Optional[_Mapping[str, float]] = ..., parts: _Optional[_Iterable[int]] = ..., reason: _Optional[str] = ..., milliseconds: _Optional[float] = ..., thresholds: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("category", "score", "part", "span", "region", "evidence", "copied")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    COPIED_FIELD_NUMBER: _ClassVar[int]
    category: str
    score: float
    part: int
    span: Span
    region: Region
    evidence: str
    copied: Copied
    def __init__(self, category: _Optional[str] = ..., score: _Optional[float] = ..., part: _Optional[int] = ..., span: _Optional[_Union[Span, _Mapping]] = ..., region: _Optional[_Union[Region, _Mapping]] = ..., evidence: _Optional[str] = ..., copied: _Optional[_Union[Copied, _Mapping]] = ...) -> None: ...

class Copied(_message.Message):
    __slots__ = ("id", "collection", "title", "owner", "licence", "consent", "start", "end", "region", "matched", "longest", "share", "permitted", "kind")
    ID_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    LONGEST_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    PERMITTED_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    id: str
    collection: str
    title: str
    owner: str
    licence: str
    consent: str
    start: int
    end: int
    region: Region
    matched: int
    longest: int
    share: float
    permitted: bool
    kind: str
    def __init__(self, id: _Optional[str] = ..., collection: _Optional[str] = ..., title: _Optional[str] = ..., owner: _Optional[str] = ..., licence: _Optional[str] = ..., consent: _Optional[str] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., region: _Optional[_Union[Region, _Mapping]] = ..., matched: _Optional[int] = ..., longest: _Optional[int] = ..., share: _Optional[float] = ..., permitted: bool = ..., kind: _Optional[str] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("start", "end")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Region(_message.Message):
    __slots__ = ("left", "top", "right", "bottom")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    BOTTOM_FIELD_NUMBER: _ClassVar[int]
    left: float
    top: float
    right: float
    bottom: float
    def __init__(self, left: _Optional[float] = ..., top: _Optional[float] = ..., right: _Optional[float] = ..., bottom: _Optional[float] = ...) -> None: ...

class ListPoliciesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListPoliciesResponse(_message.Message):
    __slots__ = ("policies",)
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[Policy]
    def __init__(self, policies: _Optional[_Iterable[_Union[Policy, _Mapping]]] = ...) -> None: ...

class Policy(_message.Message):
    __slots__ = ("name", "hash", "mode", "rules", "models")
    class ModelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    name: str
    hash: str
    mode: str
    rules: _containers.RepeatedScalarFieldContainer[str]
    models: _containers.ScalarMap[str, str]
    def __init__(self, name: _Optional[str] = ..., hash: _Optional[str] = ..., mode: _Optional[str] = ..., rules: _Optional[_Iterable[str]] = ..., models: _Optional[_Mapping[str, str]] = ...) -> None: ...
