from guardrails.wire import guardrails_pb2 as _guardrails_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FeedbackReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEEDBACK_REASON_UNSPECIFIED: _ClassVar[FeedbackReason]
    FEEDBACK_REASON_FALSE_POSITIVE: _ClassVar[FeedbackReason]
    FEEDBACK_REASON_FALSE_NEGATIVE: _ClassVar[FeedbackReason]
    FEEDBACK_REASON_WRONG_CATEGORY: _ClassVar[FeedbackReason]
    FEEDBACK_REASON_OTHER: _ClassVar[FeedbackReason]
FEEDBACK_REASON_UNSPECIFIED: FeedbackReason
FEEDBACK_REASON_FALSE_POSITIVE: FeedbackReason
FEEDBACK_REASON_FALSE_NEGATIVE: FeedbackReason
FEEDBACK_REASON_WRONG_CATEGORY: FeedbackReason
FEEDBACK_REASON_OTHER: FeedbackReason

class ReportFeedbackRequest(_message.Message):
    __slots__ = ("decision_id", "reason", "rule", "category", "note", "text", "tenant", "policy", "stage")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    reason: FeedbackReason
    rule: str
    category: str
    note: str
    text: str
    tenant: str
    policy: str
    stage: _guardrails_pb2.Stage
    def __init__(self, decision_id: _Optional[str] = ..., reason: _Optional[_Union[FeedbackReason, str]] = ..., rule: _Optional[str] = ..., category: _Optional[str] = ..., note: _Optional[str] = ..., text: _Optional[str] = ..., tenant: _Optional[str] = ..., policy: _Optional[str] = ..., stage: _Optional[_Union[_guardrails_pb2.Stage, str]] = ...) -> None: ...

class ReportFeedbackResponse(_message.Message):
    __slots__ = ("id", "verified")
    ID_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    id: str
    verified: bool
    def __init__(self, id: _Optional[str] = ..., verified: bool = ...) -> None: ...

class ListFeedbackRequest(_message.Message):
    __slots__ = ("tenant", "policy", "limit")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    policy: str
    limit: int
    def __init__(self, tenant: _Optional[str] = ..., policy: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ListFeedbackResponse(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[FeedbackEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[FeedbackEntry, _Mapping]]] = ...) -> None: ...

class FeedbackEntry(_message.Message):
    __slots__ = ("id", "at", "tenant", "decision_id", "reason", "rule", "category", "verified", "policy", "has_note", "has_text")
    ID_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    HAS_NOTE_FIELD_NUMBER: _ClassVar[int]
    HAS_TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    at: str
    tenant: str
    decision_id: str
    reason: FeedbackReason
    rule: str
    category: str
    verified: bool
    policy: str
    has_note: bool
    has_text: bool
    def __init__(self, id: _Optional[str] = ..., at: _Optional[str] = ..., tenant: _Optional[str] = ..., decision_id: _Optional[str] = ..., reason: _Optional[_Union[FeedbackReason, str]] = ..., rule: _Optional[str] = ..., category: _Optional[str] = ..., verified: bool = ..., policy: _Optional[str] = ..., has_note: bool = ..., has_text: bool = ...) -> None: ...

class WithdrawFeedbackRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class WithdrawFeedbackResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
