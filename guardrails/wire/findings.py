"""Between what checks found and its messages. Pure."""

from guardrails.core.finding import Copied, Finding, Region
from guardrails.core.view import Span
from guardrails.wire import guardrails_pb2 as pb


def written(finding: Finding) -> pb.Finding:
    """Write what a check found."""
    message = pb.Finding(
        category=finding.category,
        score=finding.score,
        part=finding.part,
        evidence=finding.evidence,
    )
    match finding.where:
        case Span(start, end):
            message.span.start, message.span.end = start, end
        case Region() as region:
            message.region.CopyFrom(_region(region))
    if finding.copied is not None:
        message.copied.CopyFrom(_copied(finding.copied))
    return message


def _copied(copied: Copied) -> pb.Copied:
    region = copied.region
    return pb.Copied(
        id=copied.id,
        collection=copied.collection,
        title=copied.title,
        owner=copied.owner,
        licence=copied.licence,
        consent=copied.consent,
        start=copied.start,
        end=copied.end,
        region=None if region is None else _region(region),
        matched=copied.matched,
        longest=copied.longest,
        share=copied.share,
        permitted=copied.permitted,
        kind=copied.kind,
    )


def read(message: pb.Finding) -> Finding:
    """Read what a check found."""
    where: Span | Region | None = None
    match message.WhichOneof("where"):
        case "span":
            where = Span(message.span.start, message.span.end)
        case "region":
            where = _read_region(message.region)
    copied = _read_copied(message.copied) if message.HasField("copied") else None
    return Finding(message.category, message.score, where, message.evidence, message.part, copied)


def _read_copied(message: pb.Copied) -> Copied:
    return Copied(
        id=message.id,
        collection=message.collection,
        title=message.title,
        owner=message.owner,
        licence=message.licence,
        consent=message.consent,
        start=message.start,
        end=message.end,
        region=_read_region(message.region) if message.HasField("region") else None,
        matched=message.matched,
        longest=message.longest,
        share=message.share,
        permitted=message.permitted,
        kind=message.kind,
    )


def _region(region: Region) -> pb.Region:
    return pb.Region(left=region.left, top=region.top, right=region.right, bottom=region.bottom)


def _read_region(message: pb.Region) -> Region:
    return Region(message.left, message.top, message.right, message.bottom)
