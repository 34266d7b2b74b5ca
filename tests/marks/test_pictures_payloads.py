"""What a mark writes is what its policy says, or which decision it was."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image as Pillow

from guardrails.core.content import Content, Image, Stage, Surface
from guardrails.core.errors import MarkError
from guardrails.core.mark import Carrying, Informed
from guardrails.engine.marking import signed
from guardrails.keyring import Keyring
from guardrails.marks.pictures.payloads import DECISION, told_payload
from guardrails.marks.pictures.rivagan import RivaGan
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, SpreadSpectrumSettings
from guardrails.marks.pictures.trustmark import TrustMark
from guardrails.policy.loader import load

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"
RING = Keyring.parse("k1:" + base64.b64encode(b"payloads" * 8).decode())
TOLD = {"decision_id": "0123456789ABCDEF0123456789abcdef"}
POLICY = """
policy: pictures
hiding: {keys: "${env:KEYS}"}
marks:
  - mark: spread_spectrum
    with: {payload: decision}
"""


def mark(payload):
    return SpreadSpectrum(SpreadSpectrumSettings(keyring=RING, payload=payload))


def photograph():
    file = io.BytesIO()
    Pillow.open(PHOTOGRAPH).convert("RGB").resize((400, 400)).save(file, "PNG")
    return Image(file.getvalue(), Surface.ASSISTANT)


@pytest.mark.parametrize(
    ("setting", "told", "most", "written"),
    [
        ("c0ffee", TOLD, 6, "c0ffee"),
        ("", TOLD, 6, ""),
        (DECISION, TOLD, 6, "0123456789ab"),
        (DECISION, TOLD, 1, "01"),
        (DECISION, {"decision_id": "6f9619ff-8b86-4d01-b42d-00c04fc964ff"}, 6, "6f9619ff8b86"),
        (DECISION, {"decision_id": "abcd"}, 6, "abcd"),  # a short one fits whole
        (DECISION, {}, 6, ""),  # nobody has decided
    ],
)
def test_a_payload_is_the_setting_or_the_beginning_of_the_decisions_id(
    setting, told, most, written
):
    assert told_payload(setting, told, most) == written


def test_an_id_that_is_not_hexadecimal_is_not_written():
    with pytest.raises(MarkError) as raised:
        mark(DECISION).embed_for(photograph(), {"decision_id": "request 17"})

    assert str(raised.value) == (
        "payload: the id of the decision is not hexadecimal, write another payload"
    )


def test_what_is_found_is_what_was_told_to_be_written():
    deciding = mark(DECISION)

    found = deciding.detect(deciding.embed_for(photograph(), TOLD))

    assert found.payload == deciding.payload_for(TOLD) == "0123456789ab"
    assert deciding.payload == ""


def test_a_mark_that_always_writes_the_same_does_so_whatever_is_told():
    fixed = mark("c0ffee")

    assert fixed.detect(fixed.embed_for(photograph(), TOLD)).payload == "c0ffee"
    assert fixed.payload_for(TOLD) == fixed.payload == "c0ffee"


@pytest.mark.parametrize("payload", ["C0FFEE", "c0 ff ee"])
def test_however_it_is_written_a_payload_is_told_as_it_is_read(payload):
    assert mark(payload).payload == mark(payload).payload_for(TOLD) == "c0ffee"


@pytest.mark.parametrize("kind", [SpreadSpectrum, RivaGan, TrustMark])
def test_every_mark_of_pictures_is_told_of_the_verdict(kind):
    assert issubclass(kind, Informed)
    assert issubclass(kind, Carrying)


async def test_the_verdict_says_the_payload_that_is_in_the_picture(tmp_path, models):
    (tmp_path / "pictures.yaml").write_text(POLICY)
    plan = load(tmp_path, models, environment={"KEYS": "k1:" + "QUFB" * 11})["pictures"]
    content = Content((photograph(),), Stage.OUTPUT)

    passed_on = await signed(content, plan, TOLD["decision_id"])

    [written] = passed_on.marks
    found = plan.marks[0].mark.detect(passed_on.content.parts[0])
    assert written.payload == found.payload == "0123456789ab"
