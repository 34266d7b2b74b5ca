"""Between works and the messages that travel. Pure, and light."""

from datetime import UTC, datetime

from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.core.view import Span
from guardrails.wire import works_pb2 as pb
from guardrails.works.match import Match
from guardrails.works.records import Credited, Record
from guardrails.works.work import Consent, Kind, Work

_KINDS = {
    pb.KIND_TEXT: Kind.TEXT,
    pb.KIND_CODE: Kind.CODE,
    pb.KIND_IMAGE: Kind.IMAGE,
    pb.KIND_NAME: Kind.NAME,
    pb.KIND_HASHED: Kind.HASHED,
}
_CONSENTS = {
    pb.CONSENT_UNKNOWN: Consent.UNKNOWN,
    pb.CONSENT_ALLOWED: Consent.ALLOWED,
    pb.CONSENT_OPTED_OUT: Consent.OPTED_OUT,
    pb.CONSENT_TAKEN_DOWN: Consent.TAKEN_DOWN,
}
_TO_KIND = {word: number for number, word in _KINDS.items()}
_TO_CONSENT = {word: number for number, word in _CONSENTS.items()}
_CONTENTS = {Kind.TEXT: "text", Kind.CODE: "code", Kind.IMAGE: "picture"}
_NEVER = datetime.fromtimestamp(0, UTC)


def kind_number(kind: Kind | None) -> pb.Kind:
    """Write a kind; None is any."""
    return pb.KIND_UNSPECIFIED if kind is None else _TO_KIND[kind]


def consent_number(consent: Consent | None) -> pb.Consent:
    """Write what an owner has said; None is any."""
    return pb.CONSENT_UNSPECIFIED if consent is None else _TO_CONSENT[consent]


def kind(number: pb.Kind) -> Kind | None:
    """Read a kind; None when it is not set.

    Raises:
        ContentError: there is no such kind.
    """
    if number == pb.KIND_UNSPECIFIED:
        return None
    if number not in _KINDS:
        raise ContentError(f"kind {number} is unknown, send one of: {', '.join(Kind)}")
    return _KINDS[number]


def consent(number: pb.Consent) -> Consent | None:
    """Read what an owner has said; None when it is not set.

    Raises:
        ContentError: it is nothing that can be said.
    """
    if number == pb.CONSENT_UNSPECIFIED:
        return None
    if number not in _CONSENTS:
        raise ContentError(f"consent {number} is unknown, send one of: {', '.join(Consent)}")
    return _CONSENTS[number]


def add_request(work: Work, content: str | bytes) -> pb.AddRequest:
    """Write a work that is to be added.

    Raises:
        ContentError: the content is not what the kind is made of.
    """
    message = pb.AddRequest(work=work_message(work))
    name = _CONTENTS.get(work.kind)
    if name is not None:
        if isinstance(content, bytes) is not (work.kind is Kind.IMAGE):
            raise ContentError("texts and code are given as text, pictures as bytes")
        setattr(message, name, content)
    return message


def original(message: pb.AddRequest) -> tuple[Work, str | bytes]:
    """Read a work that is to be added, and its content.

    Raises:
        ContentError: it has no id, or its content is missing or of another kind.
    """
    sent = message.WhichOneof("content")
    read = work(message.work)
    if not read.id:
        raise ContentError("a work has no id, give each one that is its own")
    if read.kind is Kind.HASHED:
        raise ContentError(f"work '{read.id}': hashed works are imported, not added")
    wanted = _CONTENTS.get(read.kind)
    if sent != wanted:
        says = "takes no content" if wanted is None else f"has no {wanted}, set '{wanted}'"
        raise ContentError(f"work '{read.id}': a work of kind '{read.kind}' {says}")
    return read, "" if sent is None else getattr(message, sent)


def work_message(work: Work) -> pb.Work:
    """Write a work."""
    return pb.Work(
        id=work.id,
        kind=_TO_KIND[work.kind],
        title=work.title,
        owner=work.owner,
        source=work.source,
        licence=work.licence,
        consent=_TO_CONSENT[work.consent],
        contact=work.contact,
        created=work.created,
        content_hash=work.content_hash,
        added="" if work.added == _NEVER else work.added.isoformat(),
        aliases=work.aliases,
    )


def work(message: pb.Work) -> Work:
    """Read a work.

    Raises:
        ContentError: its kind is not set or unknown, or its time is none.
    """
    read = kind(message.kind)
    if read is None:
        raise ContentError(f"work '{message.id}': kind is not set, send one of: {', '.join(Kind)}")
    return Work(
        id=message.id,
        kind=read,
        title=message.title,
        owner=message.owner,
        source=message.source,
        licence=message.licence,
        consent=consent(message.consent) or Consent.UNKNOWN,
        contact=message.contact,
        created=message.created,
        content_hash=message.content_hash,
        added=time(message.added, _NEVER),
        aliases=tuple(message.aliases),
    )


def time(text: str, absent: datetime) -> datetime:
    """Read a time with its zone.

    Raises:
        ContentError: it is none.
    """
    if not text:
        return absent
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ContentError(f"no time, give one such as '{_NEVER.isoformat()}'") from None
    if read.tzinfo is None:
        raise ContentError(f"a time without its zone, give one such as '{_NEVER.isoformat()}'")
    return read


def match_message(collection: str, match: Match) -> pb.Match:
    """Write a match in a collection."""
    message = pb.Match(
        work=work_message(match.work),
        collection=collection,
        score=match.score,
        start=match.start,
        end=match.end,
        work_region=None if match.region is None else _area(match.region),
        matched=match.matched,
        changed=match.changed,
        longest=match.longest,
        share=match.share,
        how=match.how,
    )
    match match.where:
        case Span(start, end):
            message.span.start, message.span.end = start, end
        case Region() as region:
            message.region.CopyFrom(_area(region))
    return message


def match(message: pb.Match) -> tuple[str, Match]:
    """Read a match, and the collection that the work is in."""
    where: Span | Region | None = None
    match message.WhichOneof("where"):
        case "span":
            where = Span(message.span.start, message.span.end)
        case "region":
            where = _region(message.region)
    return message.collection, Match(
        work(message.work),
        message.score,
        where,
        message.start,
        message.end,
        _region(message.work_region) if message.HasField("work_region") else None,
        message.matched,
        message.changed,
        message.longest,
        message.share,
        message.how,
    )


def record_message(record: Record) -> pb.Record:
    """Write a line of the journal."""
    return pb.Record(**{name: getattr(record, name) for name in Record.__slots__})


def record(message: pb.Record) -> Record:
    """Read a line of the journal."""
    return Record(**{name: getattr(message, name) for name in Record.__slots__})


def credited_message(credited: Credited) -> pb.Credited:
    """Write what is owed to an owner."""
    return pb.Credited(**{name: getattr(credited, name) for name in Credited.__slots__})


def credited(message: pb.Credited) -> Credited:
    """Read what is owed to an owner."""
    return Credited(**{name: getattr(message, name) for name in Credited.__slots__})


def _area(region: Region) -> pb.Area:
    return pb.Area(left=region.left, top=region.top, right=region.right, bottom=region.bottom)


def _region(message: pb.Area) -> Region:
    return Region(message.left, message.top, message.right, message.bottom)
