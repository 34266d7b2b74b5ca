"""What of a text, some code or a picture is in a collection, looked up and printed."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import bytes_of
from guardrails.cli.works.embedding import embedder
from guardrails.cli.works.passages import marked, wrapped
from guardrails.cli.works.showing import many, print_json, printable, told
from guardrails.cli.works.where import reading
from guardrails.core.finding import Region
from guardrails.core.view import Span
from guardrails.models.pixels import decode
from guardrails.works.code.finder import CodeFinder
from guardrails.works.hashed import HashedFinder
from guardrails.works.match import Match
from guardrails.works.pictures.finder import PictureFinder
from guardrails.works.pictures.fingerprints import PIXELS, pixels_of
from guardrails.works.sources.kinds import HEAD, PICTURE_NAMES, TEXT_NAMES, decoded, is_picture
from guardrails.works.store import Store
from guardrails.works.text.finder import TextFinder
from guardrails.works.work import Kind


@dataclass(frozen=True, slots=True)
class _Unit:
    counted: str
    placed: str


_UNITS = {Kind.TEXT: _Unit("words", "words"), Kind.CODE: _Unit("tokens", "lines")}
_OTHER = _Unit("words", "")


def run(arguments: argparse.Namespace) -> int:
    """Look the subject up, and print the surest matches."""
    subject = _subject(arguments.subject)
    with reading(arguments) as store:
        if isinstance(subject, str):
            found = _in_text(subject, store, arguments.collection)
        else:
            found = _in_picture(subject, store, arguments)
        sure = [one for one in found if one.score >= arguments.score][: arguments.limit]
        if arguments.json:
            kind = "text" if isinstance(subject, str) else "image"
            report = {"collection": arguments.collection, "subject": kind}
            print_json(report | {"matches": [_json(one) for one in sure]})
        else:
            _print(sure, subject, store, arguments.collection)
    return Exit.FINE


def _subject(named: str) -> str | bytes:
    """Read what is asked about: a file that is there, standard input, or the text itself."""
    if named == "-":
        content = sys.stdin.buffer.read()
    elif _is_file(named):
        content = bytes_of(Path(named))
    else:
        return named
    if is_picture(content[:HEAD]):
        return content
    try:
        return decoded(content, "utf-8")
    except UnicodeDecodeError:
        raise BadArguments(f"'{named}' is neither a picture nor text in UTF-8") from None


def _is_file(named: str) -> bool:
    try:
        if Path(named).is_file():
            return True
    except (OSError, ValueError):  # a long text is no path
        return False
    suffix = Path(named).suffix.lower()
    if suffix in PICTURE_NAMES | TEXT_NAMES and len(named.split()) == 1:
        raise BadArguments(f"there is no file '{named}'")
    return False


def _in_text(text: str, store: Store, collection: str) -> Sequence[Match]:
    found = [
        *TextFinder(store, collection).find(text),
        *CodeFinder(store, collection).find(text),
        *HashedFinder(store, collection).find(text),
    ]
    return sorted(found, key=lambda match: (-match.score, -match.matched, match.work.id))


def _in_picture(picture: bytes, store: Store, arguments: argparse.Namespace) -> Sequence[Match]:
    named = arguments.embedding
    finder = PictureFinder(
        store,
        arguments.collection,
        embedder=embedder(tuple(arguments.models), named) if named else None,
    )
    return finder.find(pixels_of(decode(picture, pixels=PIXELS, most=1).frames[0]))


def _json(match: Match) -> dict[str, Any]:
    where = match.where
    return {
        "work": told(match.work),
        "score": round(match.score, 4),
        "span": [where.start, where.end] if isinstance(where, Span) else None,
        "region": asdict(where) if isinstance(where, Region) else None,
        "work_start": match.start,
        "work_end": match.end,
        "work_region": match.region and asdict(match.region),
        "matched_words": match.matched,
        "changed_words": match.changed,
        "longest_run": match.longest,
        "share": round(match.share, 4),
        "how": match.how,
    }


def _print(found: Sequence[Match], subject: str | bytes, store: Store, collection: str) -> None:
    for match in found:
        work = match.work
        owner = f" by {printable(work.owner)}" if work.owner else ""
        terms = ", ".join(filter(None, (printable(work.licence), work.consent.replace("_", " "))))
        sys.stdout.write(f"'{printable(work.title or work.id)}'{owner} ({terms})\n")
        sys.stdout.write(f"  id {printable(work.id)}, score {match.score:.2f}\n")
        if isinstance(subject, str) and isinstance(match.where, Span):
            _print_passage(match, match.where, subject, store, collection)
        else:
            _print_region(match)
        sys.stdout.write("\n")
    sys.stdout.write(f"{many(len(found), 'match', 'matches')}\n")


def _print_passage(match: Match, where: Span, text: str, store: Store, collection: str) -> None:
    unit = _UNITS.get(match.work.kind, _OTHER)
    theirs = f" = {unit.placed} {match.start:,} to {match.end:,} of it" if unit.placed else ""
    changed = "changed" if unit.placed else "cannot be told"
    sys.stdout.write(
        f"  characters {where.start:,} to {where.end:,} of yours{theirs}: "
        f"{match.matched:,} {unit.counted} equal, {match.changed:,} {changed}, "
        f"{match.longest:,} in a row, {match.share:.0%} of yours\n"
    )
    passage = text[where.start : where.end]
    if match.work.kind is Kind.CODE:
        lines = [f"  | {printable(line)}\n" for line in passage.splitlines()]
        sys.stdout.writelines(lines)
        return
    number = store.numbers(collection, [match.work.id]).get(match.work.id)
    if match.work.kind is Kind.TEXT and number is not None:
        passage = marked(text, where, store.detail(number, match.start - 1, match.end))
    sys.stdout.write(f"{wrapped(printable(passage), '  | ')}\n")


def _print_region(match: Match) -> None:
    sys.stdout.write(f"  {match.how or 'a picture'}, {match.share:.0%} of yours\n")
    for of, region in (("yours", match.where), ("it", match.region)):
        if isinstance(region, Region):
            sys.stdout.write(f"  of {of}: {_box(region)}\n")


def _box(region: Region) -> str:
    box = (region.left, region.top, region.right, region.bottom)
    left, top, right, bottom = (f"{one:.0%}" for one in box)
    return f"{left} to {right} across, {top} to {bottom} down"
