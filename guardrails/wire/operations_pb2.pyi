from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReloadRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReloadResponse(_message.Message):
    __slots__ = ("reloaded", "status")
    RELOADED_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    reloaded: bool
    status: StatusResponse
    def __init__(self, reloaded: bool = ..., status: _Optional[_Union[StatusResponse, _Mapping]] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ("policies", "loaded_at", "tried_at", "reloaded", "refused", "problems", "watch_seconds")
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    LOADED_AT_FIELD_NUMBER: _ClassVar[int]
    TRIED_AT_FIELD_NUMBER: _ClassVar[int]
    RELOADED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    WATCH_SECONDS_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[LoadedPolicy]
    loaded_at: float
    tried_at: float
    reloaded: int
    refused: int
    problems: _containers.RepeatedCompositeFieldContainer[LoadProblem]
    watch_seconds: float
    def __init__(self, policies: _Optional[_Iterable[_Union[LoadedPolicy, _Mapping]]] = ..., loaded_at: _Optional[float] = ..., tried_at: _Optional[float] = ..., reloaded: _Optional[int] = ..., refused: _Optional[int] = ..., problems: _Optional[_Iterable[_Union[LoadProblem, _Mapping]]] = ..., watch_seconds: _Optional[float] = ...) -> None: ...

class LoadedPolicy(_message.Message):
    __slots__ = ("name", "hash", "models", "shadow_hash", "canary_share")
    class ModelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    SHADOW_HASH_FIELD_NUMBER: _ClassVar[int]
    CANARY_SHARE_FIELD_NUMBER: _ClassVar[int]
    name: str
    hash: str
    models: _containers.ScalarMap[str, str]
    shadow_hash: str
    canary_share: float
    def __init__(self, name: _Optional[str] = ..., hash: _Optional[str] = ..., models: _Optional[_Mapping[str, str]] = ..., shadow_hash: _Optional[str] = ..., canary_share: _Optional[float] = ...) -> None: ...

class LoadProblem(_message.Message):
    __slots__ = ("file", "line", "column", "message")
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    file: str
    line: int
    column: int
    message: str
    def __init__(self, file: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...
