"""Text in a picture is judged by the rules for texts, and hidden where it stands."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from guardrails.core.content import Content, Image, Text
from guardrails.core.finding import Region
from guardrails.core.verdict import Action
from guardrails.core.view import Span
from guardrails.engine.engine import Engine
from guardrails.models.picture_text import Line, PictureText, open_reader
from guardrails.policy.loader import load
from guardrails.policy.terms import RedactAs

LINES = ("Dear team, all is well.", "Ask Ada Lovelace about it.")
FACE = Path(__file__).parents[1] / "pictures" / "astronaut.jpg"


def drawn(*lines):
    picture = Pillow.new("RGB", (640, 80 * len(lines) + 40), "white")
    brush, font = ImageDraw.Draw(picture), ImageFont.load_default(32)
    for number, line in enumerate(lines):
        brush.text((30, 30 + 80 * number), line, fill="black", font=font)
    file = BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


def pixels(data):
    return np.asarray(Pillow.open(BytesIO(data)).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def reader():
    return open_reader()


@pytest.fixture
def reading(plan, step, finds, reader):
    def build(then, **changes):
        rule = replace(step("names", finds("Ada Lovelace", category="PERSON"), then), **changes)
        return Engine({"test": replace(plan(rule, on_unjudged=Action.ALLOW), reader=reader)})

    return build


async def test_a_name_in_a_picture_is_found_on_its_line(reading):
    verdict = await reading(Action.BLOCK).evaluate(Content((Image(drawn(*LINES)),)), policy="test")

    [report] = [one for one in verdict.reports if one.rule == "names"]
    [finding] = report.findings
    assert verdict.blocked
    assert (finding.part, finding.category) == (0, "PERSON")
    assert isinstance(finding.where, Region)
    assert finding.where.top > 0.4
    assert 0.1 < finding.where.left < 0.3 < finding.where.right < 0.7


@pytest.mark.parametrize("style", [RedactAs.LABEL, RedactAs.BLUR])
async def test_it_is_hidden_there_and_the_rest_stays(reading, style):
    data = drawn(*LINES)
    engine = reading(Action.REDACT, redact_as=style)

    verdict = await engine.evaluate(Content((Image(data), Text("hello"))), policy="test")

    before, after = pixels(data), pixels(verdict.content.parts[0].data)
    assert verdict.action is Action.REDACT
    assert (before[:100] == after[:100]).all()
    assert (before[100:] != after[100:]).any()
    again = await engine.evaluate(Content((verdict.content.parts[0],)), policy="test")
    assert again.action is Action.ALLOW
    assert verdict.content.parts[1].text == "hello"


async def test_a_picture_without_text_passes_as_it_is(reading):
    data = FACE.read_bytes()
    verdict = await reading(Action.BLOCK).evaluate(Content((Image(data), Text("x"))), policy="test")

    assert verdict.content.parts[0].data == data


def test_a_span_over_two_lines_has_two_regions():
    read = PictureText(
        (Line("abcd", Region(0.0, 0.0, 0.4, 0.1)), Line("efgh", Region(0.0, 0.2, 0.4, 0.3)))
    )

    assert read.text == "abcd\nefgh"
    first, second = read.regions(Span(2, 7))
    assert (first.top, second.top) == (0.0, 0.2)
    assert first.left == pytest.approx(0.1)
    assert first.right == pytest.approx(0.4)
    assert (second.left, second.right) == (0.0, pytest.approx(0.3))
    assert read.regions(Span(0, 1)) == (Region(0.0, 0.0, pytest.approx(0.2), 0.1),)


async def test_a_face_is_blurred_by_a_policy(tmp_path, models):
    (tmp_path / "p.yaml").write_text(
        "policy: p\non_unjudged: allow\ninput:\n"
        "  - {check: faces, then: redact, redact: {as: blur}}\n"
    )
    data = FACE.read_bytes()

    verdict = await Engine(load(tmp_path, models)).evaluate(Content((Image(data),)), policy="p")

    before, after = pixels(data), pixels(verdict.content.parts[0].data)
    face, corner = np.s_[40:80, 95:130], np.s_[200:, 200:]
    rough = lambda part: np.abs(np.diff(part, axis=1)).mean()  # noqa: E731
    assert verdict.action is Action.REDACT
    assert rough(after[face]) < rough(before[face]) / 2
    assert np.abs(after[corner] - before[corner]).mean() < 3  # a JPEG is written anew


def test_a_policy_that_reads_pictures_says_so_and_inherits(tmp_path, models):
    (tmp_path / "a.yaml").write_text("policy: a\npictures: {read_text: true}\n")
    (tmp_path / "b.yaml").write_text("policy: b\nextends: a\n")
    (tmp_path / "c.yaml").write_text("policy: c\nextends: a\npictures: {read_text: false}\n")

    plans = load(tmp_path, models)

    assert plans["a"].reader is plans["b"].reader is open_reader()
    assert plans["c"].reader is None


async def test_a_picture_that_cannot_be_read_is_unjudged_and_blocked(plan, step, finds):
    class Broken:
        name = "broken"

        def read(self, frames):
            raise RuntimeError(f"{len(frames)} frames")

    rule = step("names", finds("Ada Lovelace"))
    engine = Engine({"test": replace(plan(rule, on_unjudged=Action.ALLOW), reader=Broken())})

    verdict = await engine.evaluate(Content((Image(drawn("x")), Text("y"))), policy="test")

    assert verdict.blocked
    [report] = [one for one in verdict.unjudged if one.rule == "names"]
    assert (report.parts, report.reason) == ((0,), "its text was not read, raised RuntimeError")
