"""Pictures in texts: data URLs and base64, to files and back. Pure."""

import base64
import binascii
import re

from guardrails.core.errors import ContentError

_DATA_URL = re.compile(r"data:image/[\w.+-]+(?:;[\w.+-]+=[\w.+-]*)*;base64,", re.IGNORECASE)


def head_of(url: str) -> str | None:
    """Give what stands before the file in a data URL; None for the address of a picture."""
    head = _DATA_URL.match(url)
    return None if head is None else head[0]


def unpacked(text: str) -> bytes:
    """Read base64.

    Raises:
        ContentError: it is something else.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ContentError("its picture is not valid base64") from None


def packed(data: bytes) -> str:
    """Write base64."""
    return base64.b64encode(data).decode()
