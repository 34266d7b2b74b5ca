from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNSPECIFIED: _ClassVar[Kind]
    KIND_TEXT: _ClassVar[Kind]
    KIND_CODE: _ClassVar[Kind]
    KIND_IMAGE: _ClassVar[Kind]
    KIND_NAME: _ClassVar[Kind]
    KIND_HASHED: _ClassVar[Kind]

class Consent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_UNSPECIFIED: _ClassVar[Consent]
    CONSENT_UNKNOWN: _ClassVar[Consent]
    CONSENT_ALLOWED: _ClassVar[Consent]
    CONSENT_OPTED_OUT: _ClassVar[Consent]
    CONSENT_TAKEN_DOWN: _ClassVar[Consent]
KIND_UNSPECIFIED: Kind
KIND_TEXT: Kind
KIND_CODE: Kind
KIND_IMAGE: Kind
KIND_NAME: Kind
KIND_HASHED: Kind
CONSENT_UNSPECIFIED: Consent
CONSENT_UNKNOWN: Consent
CONSENT_ALLOWED: Consent
CONSENT_OPTED_OUT: Consent
CONSENT_TAKEN_DOWN: Consent

class Work(_message.Message):
    __slots__ = ("id", "kind", "title", "owner", "source", "licence", "consent", "contact", "created", "content_hash", "added", "aliases")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: Kind
    title: str
    owner: str
    source: str
    licence: str
    consent: Consent
    contact: str
    created: str
    content_hash: str
    added: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[Kind, str]] = ..., title: _Optional[str] = ..., owner: _Optional[str] = ..., source: _Optional[str] = ..., licence: _Optional[str] = ..., consent: _Optional[_Union[Consent, str]] = ..., contact: _Optional[str] = ..., created: _Optional[str] = ..., content_hash: _Optional[str] = ..., added: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ...) -> None: ...

class AddRequest(_message.Message):
    __slots__ = ("collection", "reason", "work", "text", "code", "picture")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    collection: str
    reason: str
    work: Work
    text: str
    code: str
    picture: bytes
    def __init__(self, collection: _Optional[str] = ..., reason: _Optional[str] = ..., work: _Optional[_Union[Work, _Mapping]] = ..., text: _Optional[str] = ..., code: _Optional[str] = ..., picture: _Optional[bytes] = ...) -> None: ...

class AddResponse(_message.Message):
    __slots__ = ("added", "unchanged", "failed")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    added: int
    unchanged: int
    failed: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, added: _Optional[int] = ..., unchanged: _Optional[int] = ..., failed: _Optional[_Iterable[str]] = ...) -> None: ...

class Chosen(_message.Message):
    __slots__ = ("ids", "owner")
    IDS_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    owner: str
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., owner: _Optional[str] = ...) -> None: ...

class RemoveRequest(_message.Message):
    __slots__ = ("collection", "works", "reason")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    WORKS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    collection: str
    works: Chosen
    reason: str
    def __init__(self, collection: _Optional[str] = ..., works: _Optional[_Union[Chosen, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class RemoveResponse(_message.Message):
    __slots__ = ("works",)
    WORKS_FIELD_NUMBER: _ClassVar[int]
    works: int
    def __init__(self, works: _Optional[int] = ...) -> None: ...

class SetConsentRequest(_message.Message):
    __slots__ = ("collection", "works", "consent", "reason")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    WORKS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    collection: str
    works: Chosen
    consent: Consent
    reason: str
    def __init__(self, collection: _Optional[str] = ..., works: _Optional[_Union[Chosen, _Mapping]] = ..., consent: _Optional[_Union[Consent, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class SetConsentResponse(_message.Message):
    __slots__ = ("works",)
    WORKS_FIELD_NUMBER: _ClassVar[int]
    works: int
    def __init__(self, works: _Optional[int] = ...) -> None: ...

class GetRequest(_message.Message):
    __slots__ = ("collection", "id")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    collection: str
    id: str
    def __init__(self, collection: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class GetResponse(_message.Message):
    __slots__ = ("work",)
    WORK_FIELD_NUMBER: _ClassVar[int]
    work: Work
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ("collection", "kind", "consent", "owner", "after", "limit")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    collection: str
    kind: Kind
    consent: Consent
    owner: str
    after: str
    limit: int
    def __init__(self, collection: _Optional[str] = ..., kind: _Optional[_Union[Kind, str]] = ..., consent: _Optional[_Union[Consent, str]] = ..., owner: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ListResponse(_message.Message):
    __slots__ = ("works", "next")
    WORKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    works: _containers.RepeatedCompositeFieldContainer[Work]
    next: str
    def __init__(self, works: _Optional[_Iterable[_Union[Work, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class SearchRequest(_message.Message):
    __slots__ = ("collection", "words", "after", "limit")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    collection: str
    words: str
    after: str
    limit: int
    def __init__(self, collection: _Optional[str] = ..., words: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class SearchResponse(_message.Message):
    __slots__ = ("works", "next")
    WORKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    works: _containers.RepeatedCompositeFieldContainer[Work]
    next: str
    def __init__(self, works: _Optional[_Iterable[_Union[Work, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class LookupRequest(_message.Message):
    __slots__ = ("collection", "text", "picture", "least_score")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    LEAST_SCORE_FIELD_NUMBER: _ClassVar[int]
    collection: str
    text: str
    picture: bytes
    least_score: float
    def __init__(self, collection: _Optional[str] = ..., text: _Optional[str] = ..., picture: _Optional[bytes] = ..., least_score: _Optional[float] = ...) -> None: ...

class LookupResponse(_message.Message):
    __slots__ = ("matches",)
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[Match]
    def __init__(self, matches: _Optional[_Iterable[_Union[Match, _Mapping]]] = ...) -> None: ...

class Match(_message.Message):
    __slots__ = ("work", "collection", "score", "span", "region", "start", "end", "work_region", "matched", "changed", "longest", "share", "how")
    WORK_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    WORK_REGION_FIELD_NUMBER: _ClassVar[int]
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    LONGEST_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    work: Work
    collection: str
    score: float
    span: Stretch
    region: Area
    start: int
    end: int
    work_region: Area
    matched: int
    changed: int
    longest: int
    share: float
    how: str
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., collection: _Optional[str] = ..., score: _Optional[float] = ..., span: _Optional[_Union[Stretch, _Mapping]] = ..., region: _Optional[_Union[Area, _Mapping]] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., work_region: _Optional[_Union[Area, _Mapping]] = ..., matched: _Optional[int] = ..., changed: _Optional[int] = ..., longest: _Optional[int] = ..., share: _Optional[float] = ..., how: _Optional[str] = ...) -> None: ...

class Stretch(_message.Message):
    __slots__ = ("start", "end")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Area(_message.Message):
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

class StatsRequest(_message.Message):
    __slots__ = ("collection",)
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    collection: str
    def __init__(self, collection: _Optional[str] = ...) -> None: ...

class StatsResponse(_message.Message):
    __slots__ = ("collections",)
    COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    collections: _containers.RepeatedCompositeFieldContainer[Counted]
    def __init__(self, collections: _Optional[_Iterable[_Union[Counted, _Mapping]]] = ...) -> None: ...

class Counted(_message.Message):
    __slots__ = ("collection", "kinds", "consents", "owners")
    class KindsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class ConsentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    OWNERS_FIELD_NUMBER: _ClassVar[int]
    collection: str
    kinds: _containers.ScalarMap[str, int]
    consents: _containers.ScalarMap[str, int]
    owners: int
    def __init__(self, collection: _Optional[str] = ..., kinds: _Optional[_Mapping[str, int]] = ..., consents: _Optional[_Mapping[str, int]] = ..., owners: _Optional[int] = ...) -> None: ...

class CreditsRequest(_message.Message):
    __slots__ = ("since", "until", "collection")
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    since: str
    until: str
    collection: str
    def __init__(self, since: _Optional[str] = ..., until: _Optional[str] = ..., collection: _Optional[str] = ...) -> None: ...

class CreditsResponse(_message.Message):
    __slots__ = ("owners",)
    OWNERS_FIELD_NUMBER: _ClassVar[int]
    owners: _containers.RepeatedCompositeFieldContainer[Credited]
    def __init__(self, owners: _Optional[_Iterable[_Union[Credited, _Mapping]]] = ...) -> None: ...

class Credited(_message.Message):
    __slots__ = ("owner", "queries", "words", "tokens", "pictures")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    QUERIES_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    owner: str
    queries: int
    words: int
    tokens: int
    pictures: int
    def __init__(self, owner: _Optional[str] = ..., queries: _Optional[int] = ..., words: _Optional[int] = ..., tokens: _Optional[int] = ..., pictures: _Optional[int] = ...) -> None: ...

class JournalRequest(_message.Message):
    __slots__ = ("after", "limit", "anchor_count", "anchor_hash")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_HASH_FIELD_NUMBER: _ClassVar[int]
    after: int
    limit: int
    anchor_count: int
    anchor_hash: str
    def __init__(self, after: _Optional[int] = ..., limit: _Optional[int] = ..., anchor_count: _Optional[int] = ..., anchor_hash: _Optional[str] = ...) -> None: ...

class JournalResponse(_message.Message):
    __slots__ = ("records", "count", "hash", "verified", "broken_at", "broken_why")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    BROKEN_AT_FIELD_NUMBER: _ClassVar[int]
    BROKEN_WHY_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[Record]
    count: int
    hash: str
    verified: bool
    broken_at: int
    broken_why: str
    def __init__(self, records: _Optional[_Iterable[_Union[Record, _Mapping]]] = ..., count: _Optional[int] = ..., hash: _Optional[str] = ..., verified: bool = ..., broken_at: _Optional[int] = ..., broken_why: _Optional[str] = ...) -> None: ...

class Record(_message.Message):
    __slots__ = ("number", "at", "act", "collection", "work", "content_hash", "reason", "before", "hash")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    WORK_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    number: int
    at: str
    act: str
    collection: str
    work: str
    content_hash: str
    reason: str
    before: str
    hash: str
    def __init__(self, number: _Optional[int] = ..., at: _Optional[str] = ..., act: _Optional[str] = ..., collection: _Optional[str] = ..., work: _Optional[str] = ..., content_hash: _Optional[str] = ..., reason: _Optional[str] = ..., before: _Optional[str] = ..., hash: _Optional[str] = ...) -> None: ...
