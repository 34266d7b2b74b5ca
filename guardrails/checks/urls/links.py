"""Links in running text, with or without a scheme."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from guardrails.checks.urls.endings import NATIONAL, TOP_LEVEL, WORDS
from guardrails.checks.urls.hosts import DOTS, Host, host
from guardrails.core.view import Span

_REST = r"[^\s<>\"'`{}|^\[\]\u3002\uff0c\u300d\u300f]"
_LINK = re.compile(
    rf"(?<![A-Za-z0-9])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{{1,20}}):[\\/]{{2}}"
    rf"(?P<rest>(?:[^\s<>\"'`/\\\[\]]*+\[[0-9A-Fa-f:.]{{2,45}}\])?{_REST}*+)"
    rf"|(?<![A-Za-z0-9])(?P<opaque>javascript|vbscript|data(?=:[a-z]{{2,20}}/)):{_REST}++"
    rf"|(?<![\w@.-])(?P<bare>[\w-]++(?:[.\uff0e\uff61][\w-]++)++)"
    rf"(?P<path>(?::\d{{1,5}}+)?[/?#]{_REST}*+)?",
    re.IGNORECASE,
)
_HINT = re.compile(r"[.:\uff0e\uff61](?:\w|[\\/]{2})")
_TRAILING = ".,;:!?*_~'\""
_AUTHORITY_END = re.compile(r"[/\\?#]")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text; the host of ``javascript:`` and the like has no name."""

    span: Span
    scheme: str
    host: Host
    has_userinfo: bool


def links(text: str) -> Iterator[Link]:
    """Find every link, with or without a scheme."""
    if not _HINT.search(text):
        return
    for found in _LINK.finditer(text):
        if found["bare"] and not _is_link(found["bare"], has_path=bool(found["path"])):
            continue
        span = Span(found.start(), found.start() + len(_trimmed(found.group())))
        if found["opaque"]:
            yield Link(span, found["opaque"].lower(), Host("", ""), has_userinfo=False)
            continue
        rest = found["bare"] or _trimmed(found["rest"])
        _, at, place = _AUTHORITY_END.split(rest, maxsplit=1)[0].rpartition("@")
        if place:
            yield Link(span, (found["scheme"] or "").lower(), host(place), bool(at))


def _is_link(bare: str, *, has_path: bool) -> bool:
    ending = bare.lower().translate(DOTS).rpartition(".")[2]
    if bare[:4].lower() == "www." or ending.startswith("xn--") or ending in NATIONAL:
        return True
    return ending in TOP_LEVEL and (has_path or ending not in WORDS)


def _trimmed(link: str) -> str:
    """Leave to the sentence what ends it."""
    link = link.rstrip(_TRAILING)
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(_TRAILING)
    return link
