"""Pictures are signed last, by the real library, and every change after that is told."""

import io
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image as Pixels
from PIL.PngImagePlugin import PngInfo

from guardrails.checks.provenance import Provenance
from guardrails.core.content import Image
from guardrails.core.errors import KeyringError, MarkError
from guardrails.core.mark import Decision
from guardrails.marks.provenance import credentials, iptc
from guardrails.marks.provenance.c2pa import C2pa
from guardrails.marks.provenance.certificates import DEVELOPMENT, Signing, development
from guardrails.marks.provenance.containers import packet_of
from guardrails.marks.provenance.credentials import Standing
from guardrails.marks.provenance.keeping import Manifests

CAT = Path(__file__).parents[2] / "policies" / "pictures" / "cat.jpg"
TOLD = {
    "policy": "chat",
    "policy_hash": "5f" * 32,
    "decision_id": "d1",
    "generator": 'Painter & <"Sons">',
    "payload.spread_spectrum": "a1b2c3d4e5f6",
}
FILES = ("PNG", "JPEG", "WEBP", "WEBP lossless", "GIF", "TIFF")


def file(kind, **options):
    name, _, lossless = kind.partition(" ")
    output = io.BytesIO()
    if name == "PNG" and "xmp" in options:
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", options.pop("xmp").decode())
        options["pnginfo"] = info
    with Pixels.open(CAT) as picture:
        picture.save(output, format=name, **({"lossless": True} if lossless else {}), **options)
    return output.getvalue()


def pixels(data):
    with Pixels.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB").tobytes()


def shown(data):
    try:
        return pixels(data)
    except OSError:
        return b""  # nobody sees it


@pytest.fixture(scope="module")
def pair():
    return development()


@pytest.fixture(scope="module")
def root(pair):
    return pair[0].partition("-----END CERTIFICATE-----\n")[2]


@pytest.fixture(scope="module")
def settings(pair, root):
    return {"certificate": pair[0], "key": pair[1], "trusted": root, "generator": "painter"}


@pytest.fixture(scope="module")
def mark(settings):
    return C2pa(C2pa.Settings(**settings))


@pytest.mark.parametrize("kind", FILES)
def test_a_signed_picture_is_valid_and_says_all_that_was_told(mark, root, kind):
    signed = mark.embed_for(Image(file(kind)), TOLD)

    found = credentials.read(signed.data, root)
    assert (found.standing, found.generated, found.faults) == (Standing.VALID, True, ())
    assert found.payloads == ("a1b2c3d4e5f6",)
    assert found.decision == {"policy": "chat", "policy_hash": "5f" * 32, "decision_id": "d1"}
    assert (found.serial, found.generator) == (mark.key_id, TOLD["generator"])
    assert pixels(signed.data) == pixels(file(kind))


@pytest.mark.parametrize("kind", FILES)
def test_a_flipped_byte_is_told_or_changes_neither_the_picture_nor_what_is_said(mark, root, kind):
    data = mark.embed_for(Image(file(kind)), TOLD).data
    whole = credentials.read(data, root)
    silent = 0
    for at in range(16, len(data), len(data) // 97):
        changed = data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]
        found = credentials.read(changed, root)
        if found.standing not in {Standing.TAMPERED, Standing.NONE}:  # in the padding
            silent += 1
            assert found == whole
            assert shown(changed) in {pixels(data), b""}
    assert silent < 10


def test_a_byte_flipped_among_the_pixels_is_tampering(mark, root):
    data = bytearray(mark.embed(Image(file("JPEG"))).data)
    data[-40] ^= 1

    found = credentials.read(bytes(data), root)
    assert (found.standing, found.faults) == (Standing.TAMPERED, ("assertion.dataHash.mismatch",))


def test_detection_names_the_signer_and_the_payload(mark):
    told = mark.detect(mark.embed_for(Image(file("PNG")), TOLD))

    assert (told.decision, told.key_id) == (Decision.MARKED, mark.key_id)
    assert (told.payload, told.p_value) == ("a1b2c3d4e5f6", None)
    assert told.reason == "the signature is valid and its signer is trusted"


@pytest.mark.parametrize(
    ("spoil", "decision", "reason"),
    [
        (lambda _: file("PNG"), Decision.UNMARKED, "there is no manifest"),
        (
            lambda data: data[:-30] + b"\0" + data[-29:],
            Decision.UNMARKED,
            "the picture or its manifest was changed after signing",
        ),
    ],
)
def test_what_is_not_signed_is_not_marked(mark, spoil, decision, reason):
    told = mark.detect(Image(spoil(mark.embed(Image(file("PNG"))).data)))

    assert (told.decision, told.reason) == (decision, reason)


def test_a_stranger_is_untrusted_and_so_is_everybody_where_nobody_is_trusted(mark, root):
    chain, key = development()
    stranger = C2pa(C2pa.Settings(certificate=chain, key=key))

    by_stranger = stranger.embed(Image(file("PNG"))).data
    assert credentials.read(by_stranger, root).standing is Standing.UNTRUSTED
    assert credentials.read(mark.embed(Image(file("PNG"))).data).standing is Standing.UNTRUSTED
    assert "its signer is not trusted" in mark.detect(Image(by_stranger)).reason


def test_what_was_signed_before_becomes_history(mark, root):
    once = mark.embed_for(Image(file("PNG")), TOLD)
    twice = mark.embed_for(once, {"policy": "other"})

    with c2pa.Reader("image/png", io.BytesIO(twice.data)) as reader:
        manifests = json.loads(reader.json())["manifests"]
    assert len(manifests) == 2
    found = credentials.read(twice.data, root)
    assert (found.standing, found.decision) == (Standing.VALID, {"policy": "other"})
    assert found.generated


def test_a_picture_that_cannot_carry_a_manifest_is_refused(mark):
    with pytest.raises(MarkError, match=r"^the picture cannot be signed: NotSupported$"):
        mark.embed(Image(file("BMP")))


@pytest.mark.parametrize("size", [0, 1, 12, 30, 200, 2000])
@pytest.mark.parametrize("kind", FILES)
def test_a_cut_picture_is_refused_or_signed_but_never_breaks_the_mark(mark, root, kind, size):
    try:
        signed = mark.embed(Image(file(kind)[:size]))
    except MarkError:
        return
    assert credentials.read(signed.data, root).standing is Standing.VALID


def test_many_threads_sign_at_once(mark, root):
    standings = []

    def work():
        signed = mark.embed_for(Image(file("JPEG")), TOLD)
        standings.append(credentials.read(signed.data, root).standing)

    threads = [Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert standings == [Standing.VALID] * 6


def test_a_stripped_manifest_is_found_again_by_the_payload(settings, root, tmp_path):
    mark = C2pa(C2pa.Settings(**settings, kept=str(tmp_path / "kept")))
    mark.embed_for(Image(file("PNG")), {**TOLD, "decision_id": "first"})
    mark.embed_for(Image(file("PNG")), {**TOLD, "payload.spread_spectrum": "ffff"})

    found = list(Manifests(tmp_path / "kept").find("a1b2c3d4e5f6"))
    [told] = [credentials.read_alone(one, root) for one in found]
    assert (told.standing, told.decision["decision_id"]) == (Standing.VALID, "first")
    changed = found[0].replace(b"first", b"other")
    assert credentials.read_alone(changed, root).standing is Standing.TAMPERED
    with pytest.raises(MarkError, match=r"^a payload is written in lower-case hexadecimal"):
        list(Manifests(tmp_path).find("../*"))


@pytest.fixture
def elsewhere():
    """A server that would give a manifest, and counts who asks."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/manifest", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_manifest_elsewhere_is_never_fetched(pair, root, elsewhere):
    url, asked = elsewhere
    signing = Signing.parse(*pair)
    info = c2pa.C2paSignerInfo(
        signing.algorithm, signing.chain.encode(), signing.key.encode(), None
    )
    output = io.BytesIO()
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder({"assertions": []}) as builder:
        builder.set_intent(
            c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.DIGITAL_CAPTURE
        )
        builder.set_remote_url(url)
        builder.set_no_embed()
        builder.sign(signer, "image/jpeg", io.BytesIO(file("JPEG")), output)

    assert credentials.read(output.getvalue(), root).standing is Standing.NONE
    assert asked == []
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/jpeg", io.BytesIO(output.getvalue()))
    assert asked == ["/manifest"]  # as the library does when left alone


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "WEBP lossless"])
def test_the_iptc_fields_are_written_and_read(kind):
    data = iptc.declare(file(kind), 'Painter & <"Sons">')

    packet = re.sub(rb"<\?xpacket[^>]*>", b"", packet_of(data))
    attributes = dict(ET.fromstring(packet)[0][0].items())  # noqa: S314  # we wrote it
    namespace = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
    assert attributes[f"{namespace}DigitalSourceType"] == iptc.TRAINED
    assert attributes[f"{namespace}AISystemUsed"] == 'Painter & <"Sons">'
    with Pixels.open(io.BytesIO(data)) as picture:
        assert b"DigitalSourceType" in picture.info["xmp"]
    assert iptc.declares(data)
    assert not iptc.declares(file(kind))
    assert pixels(data) == pixels(file(kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_other_fields_are_kept_and_what_is_said_already_stays(kind):
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22'
        b'-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/'
        b'1.1/" dc:source="attic"/></rdf:RDF></x:xmpmeta>'
    )
    data = iptc.declare(file(kind, xmp=xmp))

    assert b'dc:source="attic"' in packet_of(data)
    assert len(ET.fromstring(packet_of(data))[0]) == 2  # noqa: S314  # we wrote it
    assert iptc.declare(data) == data


def test_alpha_outlives_the_fields():
    output = io.BytesIO()
    Pixels.new("RGBA", (33, 17), (200, 10, 10, 90)).save(output, format="WEBP", lossless=True)

    with Pixels.open(io.BytesIO(iptc.declare(output.getvalue()))) as picture:
        assert (picture.size, picture.getpixel((5, 5))) == ((33, 17), (200, 10, 10, 90))


def test_the_development_certificate_is_loud_and_short():
    signing = Signing.parse(*development())

    assert signing.expires - datetime.now(UTC) < timedelta(days=7)
    mark = C2pa(C2pa.Settings(certificate=signing.chain, key=signing.key))
    signed = mark.embed(Image(file("PNG"))).data
    assert DEVELOPMENT.encode() in signed
    assert credentials.read(signed).standing is Standing.UNTRUSTED


def test_certificates_of_other_keys_and_times_are_refused(pair):
    chain, key = pair
    elliptic = ec.generate_private_key(ec.SECP256K1())
    odd = elliptic.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    old = development(lambda: datetime(2020, 1, 1, tzinfo=UTC))
    for given, message in [
        ((chain, development()[1]), "the signing key is not that of the first certificate"),
        ((chain, "x"), "the signing key is not PEM without a password"),
        ((key, key), "the signing certificate is not PEM, give a chain"),
        ((chain, odd), "of another kind than Ed25519, P-256/384/521 and RSA"),
        (old, "is valid from 2019-12-31 to 2020-01-07, not now, renew it"),
    ]:
        with pytest.raises(KeyringError, match=message):
            Signing.parse(*given)


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path):
    settings = C2pa.Settings.model_validate(
        {"certificate": "no.pem", "key": "no.key"}, context={"directory": tmp_path}
    )
    with pytest.raises(KeyringError, match=r"^cannot read '.*no.pem': No such file or directory$"):
        C2pa(settings)


def categories(findings):
    return {one.category: one.score for one in findings}


CASES = [
    ("valid", "none", {"GENERATED_MEDIA": 1.0}),
    ("valid", "valid", {"GENERATED_MEDIA": 1.0}),
    ("stranger", "none", {"GENERATED_MEDIA": 0.9}),
    ("stranger", "any", {"GENERATED_MEDIA": 0.9}),
    ("stranger", "valid", {"GENERATED_MEDIA": 0.9, "PROVENANCE_UNTRUSTED": 1.0}),
    ("tampered", "none", {"GENERATED_MEDIA": 0.9, "PROVENANCE_TAMPERED": 1.0}),
    ("tampered", "any", {"GENERATED_MEDIA": 0.9, "PROVENANCE_TAMPERED": 1.0}),
    ("plain", "none", {}),
    ("plain", "any", {"PROVENANCE_MISSING": 1.0}),
    ("plain", "valid", {"PROVENANCE_MISSING": 1.0}),
    ("bmp", "any", {"PROVENANCE_MISSING": 1.0}),
    ("garbage", "any", {"PROVENANCE_MISSING": 1.0}),
    ("field alone", "none", {"GENERATED_MEDIA": 0.9}),
]


@pytest.fixture(scope="module")
def pictures(mark):
    chain, key = development()
    valid = mark.embed(Image(file("PNG"))).data
    stranger = C2pa(C2pa.Settings(certificate=chain, key=key))
    return {
        "valid": valid,
        "stranger": stranger.embed(Image(file("PNG"))).data,
        "tampered": valid[:-30] + bytes([valid[-30] ^ 1]) + valid[-29:],
        "plain": file("PNG"),
        "bmp": file("BMP"),
        "garbage": b"jumb" * 9,
        "field alone": iptc.declare(file("JPEG")),
    }


@pytest.mark.parametrize(("picture", "require", "found"), CASES)
async def test_the_check_asks_for_what_the_policy_requires(
    pictures, root, tmp_path, picture, require, found
):
    (tmp_path / "trusted.pem").write_text(root)
    check = Provenance(
        Provenance.Settings.model_validate(
            {"require": require, "trusted": "trusted.pem"}, context={"directory": tmp_path}
        )
    )

    assert categories(await check.inspect(Image(pictures[picture]))) == found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"cannot read '.*trusted.pem': No such file or directory"),
        ("nothing", "the trusted authorities are not PEM, give certificates"),
    ],
)
def test_authorities_that_cannot_be_read_are_told_when_the_policy_is_loaded(
    tmp_path, content, message
):
    if content is not None:
        (tmp_path / "trusted.pem").write_text(content)
    with pytest.raises(ValueError, match=message):
        Provenance.Settings.model_validate(
            {"trusted": "trusted.pem"}, context={"directory": tmp_path}
        )
