"""Texts as one HTML page, what was found coloured by its kind, what was missed underlined. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

_STYLE = (
    "body{font:15px/1.6 system-ui,sans-serif;max-width:60em;margin:2em auto;color:#222}"
    "pre{white-space:pre-wrap;font:inherit;border-top:1px solid #ddd;padding:.8em 0;margin:0}"
    "mark{border-radius:3px;padding:1px 3px;color:#111}"
    "u{text-decoration:underline wavy #c0392b}"
    "small{color:#555;font-size:70%;margin-left:3px}"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of a text: what kind it is, and whether it was found or only known."""

    start: int
    end: int
    kind: str
    found: bool = True


def page(title: str, texts: Iterable[tuple[str, Sequence[Marked]]]) -> str:
    """Give a page that needs nothing from anywhere else."""
    shown = list(texts)
    kinds = sorted({mark.kind for _, marks in shown for mark in marks})
    body = "\n".join(f"<pre>{''.join(_coloured(text, marks))}</pre>" for text, marks in shown)
    legend = " ".join(f'<mark style="{_colour(kind)}">{escape(kind)}</mark>' for kind in kinds)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n"
        f"<p>{legend}</p><p>Underlined: known, but not found.</p>\n{body}\n</html>\n"
    )


def _coloured(text: str, marks: Sequence[Marked]) -> Iterator[str]:
    """Lay marks over the text; of those that overlap, what was found first stands."""
    position = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, not mark.found, -mark.end)):
        if mark.end <= position:
            continue
        start = max(mark.start, position)
        yield escape(text[position:start])
        inside, kind = escape(text[start : mark.end]), escape(mark.kind)
        if mark.found:
            colour = _colour(mark.kind)
            yield f'<mark style="{colour}">{inside}<small>{kind}</small></mark>'
        else:
            yield f'<u title="{kind}">{inside}<small>{kind}</small></u>'
        position = mark.end
    yield escape(text[position:])


def _colour(kind: str) -> str:
    """One colour a kind, in every report."""
    hue = int.from_bytes(sha256(kind.encode()).digest()[:2]) % 360
    return f"background:hsl({hue} 75% 82%)"
