"""Whatever is sent: a clear error or an `unjudged`, nothing lost, and the sidecar goes on."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow

from guardrails.client import Client
from guardrails.core.content import Content, Image, Stage, Surface, Text, prompt
from guardrails.core.errors import ContentError
from guardrails.core.verdict import Action

MEGABYTES = 1024


def png_of(width: int, height: int) -> bytes:
    """Claim a size in the header, and hold next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def gif_of(frames: int) -> bytes:
    made = io.BytesIO()
    pictures = [Pillow.new("L", (16, 16), number % 256) for number in range(frames)]
    pictures[0].save(made, "GIF", save_all=True, append_images=pictures[1:], loop=0)
    return made.getvalue()


def jpeg() -> bytes:
    made = io.BytesIO()
    Pillow.effect_noise((400, 300), 60).save(made, "JPEG")
    return made.getvalue()


def picture(data: bytes) -> Content:
    return Content((Image(data, Surface.ASSISTANT),), Stage.OUTPUT)


@pytest.fixture(scope="module")
def server(policies) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "guardrails.cli", "serve", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(  # noqa: S603  # our own command
        [*command, "--policies", str(policies)], stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def client(server) -> Iterator[Client]:
    with Client(server.stdout.readline().removeprefix("serving on ").strip()) as asked:
        yield asked


def peak_kilobytes(server: "subprocess.Popen[str]") -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01\x1f",
        "שלום עולם \u202e abc",
        "👩‍👩‍👧‍👦 𝕬𝖘𝖙𝖗𝖆𝖑 𠜎",
        "e\u0301" * 5_000,
        "\ufeffhello\r\n\r\n",
    ],
)
def test_odd_text_passes_byte_for_byte(client, text):
    verdict = client.evaluate(prompt(text), policy="tiny")

    assert (verdict.action, verdict.content.text) == (Action.ALLOW, text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (prompt("x" * 10_000_000), "10,000,000 characters, the limit is 200,000"),
        (Content((Text("x"),) * 10_000), "10,000 parts, the limit is 1,000"),
    ],
)
def test_more_than_the_limit_is_unjudged_and_blocked(client, content, reason):
    verdict = client.evaluate(content, policy="tiny")

    assert verdict.blocked
    assert {one.reason for one in verdict.unjudged} == {reason}


def test_a_gif_of_a_thousand_frames_is_judged_in_part_and_said(client):
    verdict = client.evaluate(picture(gif_of(1000)), policy="tiny")

    assert verdict.blocked
    assert [one.reason for one in verdict.unjudged] == ["1,000 frames, 16 were judged"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (png_of(50_000, 50_000), "50000 x 50000"),
        (png_of(2**31 - 1, 2**31 - 1), "2147483647 x 2147483647"),
        (png_of(100, 100)[:60], "part 0: "),
        (jpeg()[:3_000], "part 0: "),
        (b"", "part 0: "),
        (b"MZ\x90\x00", "not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        (b"<svg onload='x'/>", "not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 100, "part 0: "),
    ],
    ids=["bomb", "larger bomb", "cut png", "cut jpeg", "empty", "program", "svg", "noise"],
)
def test_a_bad_picture_is_an_error_at_no_cost_of_memory(client, server, data, message):
    client.evaluate(picture(jpeg()), policy="tiny")
    before = peak_kilobytes(server)

    with pytest.raises(ContentError) as refused:
        client.evaluate(picture(data), policy="tiny")

    assert message in str(refused.value)
    assert peak_kilobytes(server) - before < 40 * MEGABYTES
    assert client.evaluate(picture(jpeg()), policy="tiny").action is Action.ALLOW
