from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetDecisionRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetDecisionResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[DecisionRecord]
    def __init__(self, records: _Optional[_Iterable[_Union[DecisionRecord, _Mapping]]] = ...) -> None: ...

class QueryDecisionsRequest(_message.Message):
    __slots__ = ("since", "until", "tenant", "policy", "action", "rule", "limit")
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    since: str
    until: str
    tenant: str
    policy: str
    action: str
    rule: str
    limit: int
    def __init__(self, since: _Optional[str] = ..., until: _Optional[str] = ..., tenant: _Optional[str] = ..., policy: _Optional[str] = ..., action: _Optional[str] = ..., rule: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class QueryDecisionsResponse(_message.Message):
    __slots__ = ("records", "more")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[DecisionRecord]
    more: bool
    def __init__(self, records: _Optional[_Iterable[_Union[DecisionRecord, _Mapping]]] = ..., more: bool = ...) -> None: ...

class DecisionRecord(_message.Message):
    __slots__ = ("id", "at", "kind", "tenant", "policy", "action", "json")
    ID_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    id: str
    at: str
    kind: str
    tenant: str
    policy: str
    action: str
    json: str
    def __init__(self, id: _Optional[str] = ..., at: _Optional[str] = ..., kind: _Optional[str] = ..., tenant: _Optional[str] = ..., policy: _Optional[str] = ..., action: _Optional[str] = ..., json: _Optional[str] = ...) -> None: ...
