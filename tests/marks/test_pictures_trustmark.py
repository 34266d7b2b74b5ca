"""What is around TrustMark's nets, with tiny nets in their place; its own have not run here."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from guardrails.core.content import Image
from guardrails.core.errors import MarkError, ModelError
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.pictures.trustmark import TrustMark, TrustMarkSettings
from guardrails.marks.pictures.trustmark_words import (
    keyed_found,
    keyed_word,
    mask_of,
    open_found,
    open_word,
)
from tests.marks import tiny_nets

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"
# what the package `trustmark` 0.9.2 (MIT) spells for these bits: DataLayer(100, False, 1)
SPELLED = {
    "01020304050607": (
        "00000001000000100000001100000100000001010000011000"
        "00011100000011100101110100001111001101110001110001"
    ),
    "c0ffee": (
        "11000000111111111110111000000000000000000000000000"
        "00000000000010000000000110010010110111101111100001"
    ),
}


def keys(*names):
    secrets = {name: base64.b64encode(name.encode() * 20).decode() for name in names}
    return Keyring.parse(",".join(f"{name}:{secret}" for name, secret in secrets.items()))


@pytest.fixture(scope="module")
def nets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nets")
    (folder / "encoder_Q.onnx").write_bytes(tiny_nets.encoder())
    (folder / "decoder_Q.onnx").write_bytes(tiny_nets.decoder())
    return folder


@pytest.fixture
def marks(nets):
    def make(*names, **settings):
        return TrustMark(TrustMarkSettings(keyring=keys(*names), nets=nets, **settings))

    return make


def saved(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return Image(file.getvalue())


def photograph(width=640, height=480):
    """One of little contrast, which the tiny nets can still see through."""
    picture = Pillow.open(PHOTOGRAPH).convert("RGB").resize((width, height))
    return picture.point(lambda level: 96 + level // 4)


def changed(before, after):
    pixels = (np.asarray(Pillow.open(io.BytesIO(one.data)), float) for one in (before, after))
    first, second = pixels
    return np.abs(first - second)


@pytest.mark.parametrize(("payload", "bits"), SPELLED.items())
def test_open_words_are_those_of_the_package(payload, bits):
    assert "".join(map(str, open_word(bytes.fromhex(payload)))) == bits


def test_what_others_have_written_in_61_bits_is_read():
    word = open_word(bytes.fromhex("0102030405060708")[:7])

    assert open_found(word).payload == "01020304050607"


def test_the_more_bits_are_wrong_the_likelier_is_chance():
    word, chances = open_word(b"seven b"), []
    for place in range(6):
        chances.append(open_found(word).chance)
        word[11 * place] ^= 1

    assert chances == sorted(chances)
    assert chances[0] < 1e-10
    assert 1e-4 < chances[-1] < 1e-3
    assert open_found(word) is None


@pytest.mark.parametrize("payload", [b"", b"\0", b"c", b"sixbyt"])
def test_a_key_opens_what_it_has_written_and_no_other_does(payload):
    mine, other = (mask_of(key) for key in keys("mine", "other"))
    word = keyed_word(payload, mine)
    word[[3, 40, 77, 90, 95]] ^= 1

    assert keyed_found(word, mine).payload == payload.hex()
    assert keyed_found(word, other) is None


@pytest.mark.parametrize(
    ("size", "what"),
    [
        ((640, 480), "as the nets' training had them"),
        ((1200, 480), "long: marked in the middle"),
        ((200, 150), "smaller than what the nets see"),
    ],
)
def test_what_is_put_in_is_found(marks, size, what):
    mark = marks("k2", "k1", payload="c0ffee")
    picture = saved(photograph(*size))

    found = mark.detect(mark.embed(picture))

    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k2", "c0ffee"), what
    assert found.p_value < 1e-5
    assert mark.detect(picture).decision is Decision.UNMARKED


def test_a_long_picture_stays_as_it_is_beside_its_middle(marks):
    picture = saved(photograph(1200, 480))

    change = changed(picture, marks("k1").embed(picture))

    assert change[:, :350].max() == change[:, 850:].max() == 0
    assert change[:, 400:800].mean() > 2


def test_older_keys_are_found_and_strangers_are_not(marks):
    picture = marks("k1", payload="0102").embed(saved(photograph()))

    assert marks("k2", "k1").detect(picture).key_id == "k1"
    assert marks("k3").detect(picture).decision is Decision.UNMARKED


def test_without_a_key_anybody_reads_the_payload(marks):
    mark = marks("k1", keyed=False, payload="c0ffee")

    found = marks("k7", keyed=False).detect(mark.embed(saved(photograph())))

    assert (found.decision, found.key_id, mark.key_id) == (Decision.MARKED, "", "")
    assert found.payload == mark.payload == "c0ffee00000000"


def test_the_payload_may_be_the_decision(marks):
    mark, told = marks("k1", payload="decision"), {"decision_id": "0123456789abcdef" * 2}

    found = mark.detect(mark.embed_for(saved(photograph()), told))

    assert found.payload == mark.payload_for(told) == "0123456789ab"


def test_colours_are_not_shifted(marks):
    before = saved(photograph())
    pixels = [
        np.asarray(Pillow.open(io.BytesIO(one.data)), float)
        for one in (before, marks("k1").embed(before))
    ]

    assert np.abs(pixels[0].mean((0, 1)) - pixels[1].mean((0, 1))).max() < 0.5


def test_half_the_strength_changes_half_as_much(marks):
    picture = saved(photograph())

    full, half = (
        changed(picture, marks("k1", strength=strength).embed(picture)).mean()
        for strength in (1.0, 0.5)
    )

    assert half == pytest.approx(full / 2, rel=0.1)


def test_the_variant_for_quality_sees_the_middle_alone(tmp_path):
    (tmp_path / "encoder_P.onnx").write_bytes(tiny_nets.encoder())
    (tmp_path / "decoder_P.onnx").write_bytes(tiny_nets.decoder(224))
    mark = TrustMark(TrustMarkSettings(keyring=keys("k1"), nets=tmp_path, variant="P"))
    picture = saved(photograph())

    change = changed(picture, mark.embed(picture))

    assert change[:, :70].max() == change[:, 570:].max() == 0
    assert mark.detect(picture).tokens == 100


def test_missing_nets_are_told(tmp_path):
    with pytest.raises(ModelError) as told:
        TrustMark(TrustMarkSettings(keyring=keys("k1"), nets=tmp_path))

    assert str(told.value) == (
        f"mark 'trustmark': {tmp_path / 'encoder_Q.onnx'} is missing, "
        "it is published with github.com/adobe/trustmark"
    )


def test_another_net_is_refused(tmp_path):
    (tmp_path / "encoder_Q.onnx").write_bytes(tiny_nets.decoder())

    with pytest.raises(ModelError, match=r"encoder_Q\.onnx is not TrustMark's encoder"):
        TrustMark(TrustMarkSettings(keyring=keys("k1"), nets=tmp_path))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"payload": "xyz"}, "payload: write it in hexadecimal, two digits a byte"),
        ({"payload": "00" * 7}, "payload: 7 bytes, trustmark carries at most 6"),
        (
            {"payload": "00" * 8, "keyed": False},
            "payload: 8 bytes, trustmark carries at most 7",
        ),
    ],
)
def test_a_payload_that_cannot_be_written_is_refused(marks, settings, message):
    with pytest.raises(MarkError) as told:
        marks("k1", **settings)

    assert str(told.value) == message


def test_what_is_no_picture_cannot_be_decided(marks):
    with pytest.raises(MarkError):
        marks("k1").embed(Image(b"none"))
    assert marks("k1").detect(Image(b"none")).decision is Decision.UNDECIDABLE
