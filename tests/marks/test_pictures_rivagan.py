"""RivaGAN's nets are taken from the operator, and only those that are known."""

import base64
import io
import os
from pathlib import Path

import pytest
from PIL import Image as Pillow

from guardrails.core.content import Image
from guardrails.core.errors import MarkError, ModelError
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.pictures.rivagan import RivaGan, RivaGanSettings

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"
RING = Keyring.parse("k1:" + base64.b64encode(b"rivagan" * 8).decode())
NETS = Path(os.environ.get("RIVAGAN_NETS", "."))
"""The folder `imwatermark` of the wheel; it is not shipped, and pulls torch where installed."""

needs_nets = pytest.mark.skipif(
    not (NETS / "rivagan_encoder.onnx").exists(), reason="RIVAGAN_NETS names no folder with nets"
)


def settings(**written):
    return RivaGanSettings(keyring=RING, **written)


def photograph():
    file = io.BytesIO()
    Pillow.open(PHOTOGRAPH).convert("RGB").resize((512, 512)).save(file, "PNG")
    return Image(file.getvalue())


def test_missing_nets_are_told(tmp_path):
    with pytest.raises(ModelError) as told:
        RivaGan(settings(nets=tmp_path))

    assert str(told.value) == (
        f"mark 'rivagan': {tmp_path / 'rivagan_encoder.onnx'} is missing, "
        "take it from the wheel of invisible-watermark 0.2.0"
    )


def test_nets_that_were_altered_are_refused(tmp_path):
    (tmp_path / "rivagan_encoder.onnx").write_bytes(b"another net")

    with pytest.raises(ModelError, match=r"is not that of invisible-watermark 0\.2\.0"):
        RivaGan(settings(nets=tmp_path))


@needs_nets
def test_a_payload_has_one_byte():
    with pytest.raises(MarkError, match="payload: 2 bytes, rivagan carries at most 1"):
        RivaGan(settings(nets=NETS, payload="0102"))


@needs_nets
@pytest.mark.parametrize("payload", ["", "a7"])
def test_what_is_put_in_is_found(payload):
    mark = RivaGan(settings(nets=NETS, payload=payload))

    embedded = mark.embed(photograph())
    found = mark.detect(embedded)

    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k1", payload)
    assert found.p_value < 1e-4
    assert mark.detect(photograph()).decision is Decision.UNMARKED


@needs_nets
def test_what_is_no_picture_cannot_be_decided():
    mark = RivaGan(settings(nets=NETS))

    assert mark.detect(Image(b"none")).decision is Decision.UNDECIDABLE
    with pytest.raises(MarkError):
        mark.embed(Image(b"none"))
