"""What encoded runs of a text hide: base64, hex, and escapes."""

import re
from base64 import b64decode
from collections.abc import Iterator
from html import unescape

from guardrails.checks.normalise.rewrite import Edit, excerpt, rewrite, then
from guardrails.core.view import View

_SHORTEST = 8
"""Characters of decoded text; fewer are found in chance runs."""
_RUN = re.compile(
    r"(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]{2,76}={0,2}"  # lines as in MIME
    r"|[A-Za-z0-9+/_-]{11,}={0,2}"
)
_PIECE = re.compile(r"[A-Za-z0-9]{11,}={0,2}")
_HEX = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){8,})")
_PAIR = r"(?:0[xX])?[0-9A-Fa-f]{2}"
_HEX_PAIRS = re.compile(rf"\b{_PAIR}(?:[ :,]{{1,2}}{_PAIR}){{7,}}\b")
_BETWEEN_PAIRS = re.compile(r"0[xX]|[ :,]")
_DIGIT = re.compile(r"[0-9]")
_TO_STANDARD = str.maketrans("-_", "+/", "\r\n=")

_PERCENT = r"%[0-7][0-9A-Fa-f]|(?:%[89A-Fa-f][0-9A-Fa-f])+"
_BYTES = r"\\x[0-7][0-9A-Fa-f]|(?:\\x[89A-Fa-f][0-9A-Fa-f])+"
_POINT = (
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"  # a surrogate pair
    r"|\\u(?:[0-9a-cA-Ce-fE-F][0-9A-Fa-f]{3}|[dD][0-7][0-9A-Fa-f]{2})"
    r"|\\U00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}"
)
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_ESCAPE = re.compile(f"(?P<bytes>{_PERCENT}|{_BYTES})|(?P<point>{_POINT})|{_ENTITY}")
_ESCAPE_SIGN = re.compile(r"[%\\&]")

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
_SIGN = re.compile(r"[^\w\s]|_")
_MOST_UNPRINTABLE = 0.05
_MOST_SIGNS = 0.5
_SHORT = 16
_MOST_SIGNS_IN_SHORT = 0.2


def decoded(view: View) -> Iterator[View]:
    """Read the encoded runs of a text, a view for each encoding, and the text without escapes."""
    in_base64: list[Edit] = []
    in_hex = list(_hex_pairs(view.text))
    for run in _RUN.finditer(view.text):
        if (digits := _HEX.fullmatch(run.group())) and (text := _readable_hex(digits.group(1))):
            in_hex.append(Edit(run.start(), run.end(), text))
        else:
            in_base64 += _base64(run)
    if in_base64:
        yield excerpt(view, in_base64, then(view, "decoded from base64"))
    if in_hex:
        yield excerpt(view, sorted(in_hex), then(view, "decoded from hex"))
    if escapes := _escapes(view.text):
        yield rewrite(view, escapes, then(view, "decoded from escapes"))


def _base64(run: re.Match[str]) -> Iterator[Edit]:
    """Decode a run, or else the pieces of it between signs, as in a path or a query."""
    if text := readable_base64(run.group()):
        yield Edit(run.start(), run.end(), text)
        return
    for piece in _PIECE.finditer(run.group()):
        if len(piece.group()) < len(run.group()) and (text := readable_base64(piece.group())):
            yield Edit(run.start() + piece.start(), run.start() + piece.end(), text)


def readable_base64(run: str) -> str | None:
    """Decode base64 of either alphabet, padded or not, if someone can read what comes out."""
    digits = run.translate(_TO_STANDARD)
    whole = len(digits) - (len(digits) % 4 == 1)  # one digit alone is less than a byte
    return _readable(b64decode(digits[:whole] + "=" * (-whole % 4)))


def _readable_hex(digits: str) -> str | None:
    return _readable(bytes.fromhex(digits))


def _hex_pairs(text: str) -> Iterator[Edit]:
    if not _DIGIT.search(text):
        return
    for run in _HEX_PAIRS.finditer(text):
        if plain := _readable_hex(_BETWEEN_PAIRS.sub("", run.group())):
            yield Edit(run.start(), run.end(), plain)


def _readable(encoded: bytes) -> str | None:
    """Give the text that these bytes are, or nothing where they are no text that anyone wrote."""
    try:
        text = encoded.decode()
    except UnicodeDecodeError:
        return None
    if len(text) < _SHORTEST or len(_UNPRINTABLE.findall(text)) > _MOST_UNPRINTABLE * len(text):
        return None
    most = _MOST_SIGNS_IN_SHORT if len(text) < _SHORT else _MOST_SIGNS
    return text if len(_SIGN.findall(text)) <= most * len(text) else None


def _escapes(text: str) -> list[Edit]:
    if not _ESCAPE_SIGN.search(text):
        return []
    edits = (
        Edit(found.start(), found.end(), _unescaped(found)) for found in _ESCAPE.finditer(text)
    )
    return [edit for edit in edits if edit.text != text[edit.start : edit.end]]


def _unescaped(found: re.Match[str]) -> str:
    escape = found.group()
    if found.lastgroup == "bytes":
        return _utf8(bytes.fromhex(escape.replace("%", "").replace("\\x", ""))) or escape
    if found.lastgroup == "point":
        return (
            escape.encode()
            .decode("unicode_escape")
            .encode("utf-16", "surrogatepass")
            .decode("utf-16")
        )
    return unescape(escape)


def _utf8(encoded: bytes) -> str | None:
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        return None
