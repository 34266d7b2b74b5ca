"""The IPTC fields that say a picture is generated, in its XMP: unsigned, but widely read."""

import re
from xml.sax.saxutils import quoteattr

from guardrails.marks.provenance.containers import kind_of, packet_of, with_packet

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""The terms of IPTC's Digital Source Type."""
TRAINED = VOCABULARY + "trainedAlgorithmicMedia"
"""Made by a trained model."""
FILES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""The types of files that the fields can be written into."""

_GENERATED = re.compile(
    rb"/digitalsourcetype/(?:trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia)\b"
)
_SOURCE = re.compile(rb"\bDigitalSourceType\b")
_END = b"</rdf:RDF>"
_DESCRIPTION = (
    '<rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="{source}"{system}/>'
)
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '{description}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def declare(data: bytes, generator: str = "") -> bytes:
    """Write DigitalSourceType, and AISystemUsed where the generator is named.

    A file that says where it is from already stays as it is; other fields are kept.

    Raises:
        MarkError: the file is damaged, or neither PNG, JPEG nor WebP.
    """
    held = packet_of(data)
    if _SOURCE.search(held):
        return data
    system = f" Iptc4xmpExt:AISystemUsed={quoteattr(generator)}" if generator else ""
    said = _DESCRIPTION.format(source=TRAINED, system=system)
    if _END in held:
        return with_packet(data, held.replace(_END, said.encode() + _END, 1))
    return with_packet(data, _PACKET.format(description=said).encode())


def declares(data: bytes) -> bool:
    """Whether the XMP of a file says that a model made it, wholly or in part."""
    return kind_of(data) in FILES and _GENERATED.search(packet_of(data)) is not None
