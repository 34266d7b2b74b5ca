"""Where a packet of XMP stands in PNG, JPEG and WebP files. Pure; no pixel is touched."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from guardrails.core.errors import MarkError

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\0\0\0\0\0"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_LONGEST_SEGMENT = 65_533
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk or segment of a file: its name, its body, and where it stands with its frame."""

    name: bytes
    body: bytes
    start: int
    end: int


def kind_of(data: bytes) -> str:
    """Name the type of a picture file by its first bytes, or give nothing."""
    heads = {
        _PNG: "image/png",
        b"\xff\xd8\xff": "image/jpeg",
        b"GIF87a": "image/gif",
        b"GIF89a": "image/gif",
        b"II*\0": "image/tiff",
        b"MM\0*": "image/tiff",
    }
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for head, kind in heads.items() if data.startswith(head)), "")


def packet_of(data: bytes) -> bytes:
    """Give the XMP packet of a PNG, JPEG or WebP file; nothing where there is none."""
    try:
        return next((body for _, body in _packets(data)), b"")
    except (struct.error, IndexError):
        return b""


def with_packet(data: bytes, packet: bytes) -> bytes:
    """Give the file with this packet, in place of the one that it had.

    Raises:
        MarkError: it is of another type, or damaged.
    """
    write = _WRITERS.get(kind_of(data))
    if write is None:
        raise MarkError("XMP can be written into PNG, JPEG and WebP files, this is another")
    try:
        made = bytes(write(_without(data), packet))
    except (struct.error, IndexError, StopIteration):
        made = b""
    if packet_of(made) != packet:
        raise MarkError("the picture file is damaged, its parts cannot be read")
    return made


def _packets(data: bytes) -> Iterator[tuple[Piece, bytes]]:
    kind = kind_of(data)
    for piece in _READERS[kind](data) if kind in _READERS else ():
        if piece.name == b"iTXt" and piece.body.startswith(_PNG_XMP):
            yield piece, piece.body[len(_PNG_XMP) :]
        elif piece.name == b"\xe1" and piece.body.startswith(_JPEG_XMP):
            yield piece, piece.body[len(_JPEG_XMP) :]
        elif piece.name == b"XMP ":
            yield piece, piece.body


def _without(data: bytes) -> bytes:
    kept, at = bytearray(), 0
    for piece, _ in _packets(data):
        kept += data[at : piece.start]
        at = piece.end
    return bytes(kept + data[at:])


def _png_pieces(data: bytes) -> Iterator[Piece]:
    at = len(_PNG)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield Piece(data[at + 4 : at + 8], data[at + 8 : at + 8 + size], at, at + 12 + size)
        at += 12 + size


def _jpeg_pieces(data: bytes) -> Iterator[Piece]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:  # noqa: PLR2004  # scan
        (size,) = struct.unpack_from(">H", data, at + 2)
        if size < 2:  # noqa: PLR2004  # its own length is counted
            raise struct.error("a segment is shorter than its head")
        yield Piece(data[at + 1 : at + 2], data[at + 4 : at + 2 + size], at, at + 2 + size)
        at += 2 + size


def _webp_pieces(data: bytes) -> Iterator[Piece]:
    at = 12
    while at + 8 <= len(data):
        (size,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + size + size % 2
        yield Piece(data[at : at + 4], data[at + 8 : at + 8 + size], at, end)
        at = end


def _png(data: bytes, packet: bytes) -> bytes:
    head = next(_png_pieces(data))
    body = b"iTXt" + _PNG_XMP + packet
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[: head.end] + chunk + data[head.end :]


def _jpeg(data: bytes, packet: bytes) -> bytes:
    at = 2
    for piece in _jpeg_pieces(data):
        if piece.name not in {b"\xe0", b"\xe1"}:  # JFIF and Exif want to be first
            break
        at = piece.end
    body = _JPEG_XMP + packet
    if len(body) > _LONGEST_SEGMENT:
        raise MarkError("the XMP of the picture is too long for a JPEG file")
    return data[:at] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[at:]


def _webp(data: bytes, packet: bytes) -> bytes:
    first = next(_webp_pieces(data))
    rest = data[first.start :]
    if first.name == b"VP8X":
        body = bytes([first.body[0] | _XMP_FLAG]) + first.body[1:]
        rest = data[first.end :]
    else:
        body = _extended(first)
    rest += b"\0" * (len(rest) % 2)
    whole = b"WEBP" + _chunk(b"VP8X", body) + rest + _chunk(b"XMP ", packet)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _extended(first: Piece) -> bytes:
    """The extended header of a simple file: flags, and the size of the canvas less one."""
    flags = _XMP_FLAG
    if first.name == b"VP8L":
        (bits,) = struct.unpack_from("<I", first.body, 1)
        width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF
        flags |= _ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        across, down = struct.unpack_from("<HH", first.body, 6)
        width, height = (across & 0x3FFF) - 1, (down & 0x3FFF) - 1
    return struct.pack("<I", flags) + struct.pack("<I", width)[:3] + struct.pack("<I", height)[:3]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


_READERS: Mapping[str, Callable[[bytes], Iterator[Piece]]] = MappingProxyType(
    {"image/png": _png_pieces, "image/jpeg": _jpeg_pieces, "image/webp": _webp_pieces}
)
_WRITERS: Mapping[str, Callable[[bytes, bytes], bytes]] = MappingProxyType(
    {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
)
