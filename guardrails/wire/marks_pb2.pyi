from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_MARKED: _ClassVar[Decision]
    DECISION_UNMARKED: _ClassVar[Decision]
    DECISION_UNDECIDABLE: _ClassVar[Decision]
DECISION_UNSPECIFIED: Decision
DECISION_MARKED: Decision
DECISION_UNMARKED: Decision
DECISION_UNDECIDABLE: Decision

class DetectRequest(_message.Message):
    __slots__ = ("text", "picture", "marks", "false_positive_rate")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_RATE_FIELD_NUMBER: _ClassVar[int]
    text: str
    picture: bytes
    marks: _containers.RepeatedScalarFieldContainer[str]
    false_positive_rate: float
    def __init__(self, text: _Optional[str] = ..., picture: _Optional[bytes] = ..., marks: _Optional[_Iterable[str]] = ..., false_positive_rate: _Optional[float] = ...) -> None: ...

class DetectResponse(_message.Message):
    __slots__ = ("detections",)
    DETECTIONS_FIELD_NUMBER: _ClassVar[int]
    detections: _containers.RepeatedCompositeFieldContainer[Detection]
    def __init__(self, detections: _Optional[_Iterable[_Union[Detection, _Mapping]]] = ...) -> None: ...

class Detection(_message.Message):
    __slots__ = ("mark", "decision", "p_value", "z", "tokens", "key_id", "payload", "passage", "box", "reason")
    class Passage(_message.Message):
        __slots__ = ("start", "end")
        START_FIELD_NUMBER: _ClassVar[int]
        END_FIELD_NUMBER: _ClassVar[int]
        start: int
        end: int
        def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...
    class Box(_message.Message):
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
    MARK_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PASSAGE_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    mark: str
    decision: Decision
    p_value: float
    z: float
    tokens: int
    key_id: str
    payload: str
    passage: Detection.Passage
    box: Detection.Box
    reason: str
    def __init__(self, mark: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ..., p_value: _Optional[float] = ..., z: _Optional[float] = ..., tokens: _Optional[int] = ..., key_id: _Optional[str] = ..., payload: _Optional[str] = ..., passage: _Optional[_Union[Detection.Passage, _Mapping]] = ..., box: _Optional[_Union[Detection.Box, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class EmbedRequest(_message.Message):
    __slots__ = ("mark", "text", "picture")
    MARK_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    mark: str
    text: str
    picture: bytes
    def __init__(self, mark: _Optional[str] = ..., text: _Optional[str] = ..., picture: _Optional[bytes] = ...) -> None: ...

class EmbedResponse(_message.Message):
    __slots__ = ("text", "picture", "key_id")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    text: str
    picture: bytes
    key_id: str
    def __init__(self, text: _Optional[str] = ..., picture: _Optional[bytes] = ..., key_id: _Optional[str] = ...) -> None: ...

class ListMarksRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListMarksResponse(_message.Message):
    __slots__ = ("marks",)
    MARKS_FIELD_NUMBER: _ClassVar[int]
    marks: _containers.RepeatedCompositeFieldContainer[KnownMark]
    def __init__(self, marks: _Optional[_Iterable[_Union[KnownMark, _Mapping]]] = ...) -> None: ...

class KnownMark(_message.Message):
    __slots__ = ("name", "kind", "subject", "key_id", "embeds")
    class Subject(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SUBJECT_UNSPECIFIED: _ClassVar[KnownMark.Subject]
        SUBJECT_TEXT: _ClassVar[KnownMark.Subject]
        SUBJECT_PICTURE: _ClassVar[KnownMark.Subject]
    SUBJECT_UNSPECIFIED: KnownMark.Subject
    SUBJECT_TEXT: KnownMark.Subject
    SUBJECT_PICTURE: KnownMark.Subject
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    EMBEDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    subject: KnownMark.Subject
    key_id: str
    embeds: bool
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., subject: _Optional[_Union[KnownMark.Subject, str]] = ..., key_id: _Optional[str] = ..., embeds: bool = ...) -> None: ...
