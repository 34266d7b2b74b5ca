"""Films in files: marked frame by frame, found again after they were encoded again."""

import base64
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as Pillow

from guardrails.cli.exits import BadArguments
from guardrails.cli.main import main
from guardrails.cli.marks import films
from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.pictures import film
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, SpreadSpectrumSettings
from guardrails.marks.pictures.trustmark import TrustMark

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"
RING = Keyring.parse("k1:" + base64.b64encode(b"films" * 8).decode())
PAYLOAD = "0badcafe"
WIDTH, HEIGHT, RATE, FRAMES = 480, 360, 25, 50
SAMPLES = 44_100


@pytest.fixture(scope="module")
def mark():
    return SpreadSpectrum(SpreadSpectrumSettings(keyring=RING, payload=PAYLOAD))


def shots(count=FRAMES, width=WIDTH, height=HEIGHT):
    """A camera that moves over a photograph, with a cut in the middle."""
    large = Pillow.open(PHOTOGRAPH).convert("RGB").resize((width * 2, width * 2))
    for number in range(count):
        corner = 4 * (number % (count // 2)) + (width // 2 if number >= count // 2 else 0)
        yield np.asarray(large.crop((corner, corner, corner + width, corner + height)))


def written(path, frames, codec="h264", rate=2_000_000, *, sound=False):
    """Encode frames, and two seconds of a tone."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.pix_fmt, stream.bit_rate = "yuv420p", rate
        tone = container.add_stream("aac", rate=SAMPLES) if sound else None
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width, _ = frame.shape
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
        if tone:
            container.mux([*tone.encode(_tone()), *tone.encode(None)])
    return path


def _tone():
    wave = np.sin(np.arange(2 * SAMPLES) / 20).astype(np.float32)[None]
    frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
    frame.sample_rate, frame.pts = SAMPLES, 0
    return frame


def frames_of(path, width=None, height=None):
    with av.open(path) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24", width=width, height=height)


def told(path):
    """What a film is: its codec, size, the time of each frame, and each packet of sound."""
    with av.open(path) as container:
        [stream] = container.streams.video
        shown = (stream.codec_context.codec.canonical_name, stream.width, stream.height)
        times = [frame.time for frame in container.decode(stream)]
    with av.open(path) as container:
        sound = [
            (packet.pts, bytes(packet))
            for packet in container.demux(audio=0)
            if packet.dts is not None
        ]
    return shown, times, sound


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return written(tmp_path_factory.mktemp("films") / "plain.mp4", shots(), sound=True)


@pytest.fixture(scope="module")
def marked(mark, plain):
    target = plain.with_name("marked.mp4")
    assert film.embed(plain, target, mark) == FRAMES
    return target


def test_a_marked_film_is_found(mark, marked):
    found = film.detect(marked, mark)

    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k1", PAYLOAD)
    assert found.p_value < 1e-20


def test_a_film_without_a_mark_is_not(mark, plain):
    found = film.detect(plain, mark)

    assert found.decision is Decision.UNMARKED
    assert found.p_value > 1e-3


@pytest.mark.parametrize(
    ("happens", "codec", "rate", "size"),
    [
        ("a poorer quality", "h264", 450_000, (WIDTH, HEIGHT)),
        ("half the size", "h264", 1_000_000, (WIDTH // 2, HEIGHT // 2)),
        ("an older codec", "mpeg4", 1_500_000, (WIDTH, HEIGHT)),
        ("another shape of pixels", "h264", 2_000_000, (2 * WIDTH, 2 * HEIGHT)),
    ],
)
def test_a_mark_outlives_what_happens_to_films(plain, marked, tmp_path, happens, codec, rate, size):
    quick = SpreadSpectrum(SpreadSpectrumSettings(keyring=RING, search=False))
    found, unmarked = (
        film.detect(written(tmp_path / "again.mp4", frames_of(one, *size), codec, rate), quick)
        for one in (marked, plain)
    )

    assert (found.decision, found.payload) == (Decision.MARKED, PAYLOAD), happens
    assert unmarked.decision is Decision.UNMARKED


@pytest.mark.parametrize(("codec", "name"), [("h264", "a.mp4"), ("mpeg4", "a.mkv")])
def test_size_times_codec_and_sound_stay(mark, tmp_path, codec, name):
    source = written(tmp_path / name, shots(), codec, sound=True)
    target = tmp_path / f"marked_{name}"

    film.embed(source, target, mark)

    assert told(target) == told(source)
    assert len(told(target)[2]) > 50


def test_nobody_sees_it(plain, marked):
    error = [
        np.mean((one.astype(float) - other) ** 2)
        for one, other in zip(frames_of(plain), frames_of(marked), strict=True)
    ]

    assert 10 * np.log10(255**2 / np.mean(error)) > 36  # with what encoding twice costs


def test_a_marked_part_is_found_in_a_longer_film(mark, tmp_path):
    def frames():
        yield from list(shots()) * 3
        yield from frames_of(part)

    source = written(tmp_path / "source.mp4", shots())
    part = tmp_path / "part.mp4"
    film.embed(source, part, mark)

    assert film.detect(written(tmp_path / "all.mp4", frames()), mark).payload == PAYLOAD


def test_a_payload_may_be_another_for_each_film(mark, plain, tmp_path):
    film.embed(plain, tmp_path / "b.mp4", mark, "0102")

    assert film.detect(tmp_path / "b.mp4", mark).payload == "0102"


def test_a_film_that_does_not_move_does_not_flicker(mark, tmp_path):
    still = [next(shots())] * 12
    source, target = written(tmp_path / "a.mp4", still), tmp_path / "b.mp4"

    film.embed(source, target, mark, rate=8_000_000)

    shown = [frame.astype(float) for frame in frames_of(target)]
    steps = [np.abs(one - other).mean() for one, other in pairwise(shown)]
    assert max(steps) < 1


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((300, 100), "picture: 300 x 100 pixels, a mark needs 128 each way"),
    ],
)
def test_a_film_that_carries_no_mark_is_told(mark, tmp_path, size, message):
    width, height = size
    source = written(tmp_path / "a.mp4", shots(10, width, height))

    with pytest.raises(MarkError) as raised:
        film.embed(source, tmp_path / "b.mp4", mark)

    assert str(raised.value) == message
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    found = film.detect(source, mark)
    assert (found.decision, found.reason) == (Decision.UNDECIDABLE, message)


@pytest.mark.parametrize("content", [b"", b"no film at all" * 100])
def test_what_is_no_film_is_told_without_its_content(mark, tmp_path, content):
    source = tmp_path / "a.mp4"
    source.write_bytes(content)

    with pytest.raises(MarkError, match=r"^film: FFmpeg cannot read or write it: ") as raised:
        film.embed(source, tmp_path / "b.mp4", mark)

    assert "no film" not in str(raised.value)
    assert film.detect(source, mark).decision is Decision.UNDECIDABLE
    assert not (tmp_path / "b.mp4").exists()


def test_sound_alone_is_no_film(mark, tmp_path):
    source = tmp_path / "a.mp4"
    with av.open(source, "w") as container:
        tone = container.add_stream("aac", rate=SAMPLES)
        container.mux([*tone.encode(_tone()), *tone.encode(None)])

    assert film.detect(source, mark).reason == "film: there is no picture in it"


def test_memory_does_not_grow_with_the_film(tmp_path):
    """Ten times the frames, in a process each: the peaks are alike."""
    script = (
        "import sys, resource; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "import test_pictures_film as t; from guardrails.marks.pictures import film;"
        "m = t.SpreadSpectrum(t.SpreadSpectrumSettings(keyring=t.RING, search=False));"
        "film.embed(Path(sys.argv[2]), Path(sys.argv[3]), m);"
        "film.detect(Path(sys.argv[3]), m);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks, size = [], (256, 192)
    for number, times in enumerate((1, 10)):
        source = written(tmp_path / f"{number}.mp4", list(shots(30, *size)) * times)
        target = tmp_path / f"{number}.marked.mp4"
        command = [sys.executable, "-c", script, Path(__file__).parent, source, target]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ours
        peaks.append(int(ended.stdout) * 1024)

    frames = 270 * size[0] * size[1] * 3
    assert peaks[1] - peaks[0] < frames / 4


def test_the_command_line_knows_films(mark, plain, tmp_path):
    target = tmp_path / "b.mp4"

    films.embed(mark, plain, target)

    assert films.is_film(target)
    assert not films.is_film(Path("a.png"))
    assert films.detect(mark, target).payload == PAYLOAD


def test_the_command_line_says_what_is_wrong(mark, tmp_path):
    missing = tmp_path / "a.mp4"
    with pytest.raises(BadArguments, match="only spread_spectrum is for films"):
        films.embed(object.__new__(TrustMark), missing, missing)
    with pytest.raises(BadArguments, match="is not there"):
        films.embed(mark, missing, tmp_path / "b.mp4")
    with pytest.raises(BadArguments, match="cannot be read: no such file or directory"):
        films.detect(mark, missing)


def test_the_commands_mark_a_film_and_find_the_mark(tmp_path, capsys):
    keys, plain = tmp_path / "keys.txt", written(tmp_path / "in.mp4", shots())
    keys.write_text("k1:" + base64.b64encode(b"films" * 8).decode())
    options = ["--mark", "spread_spectrum", "--key-file", str(keys)]

    out = str(tmp_path / "out.mp4")
    assert main(["marks", "embed", *options, "--payload", PAYLOAD, str(plain), out]) == 0
    told = []
    for path in (out, str(plain)):
        assert main(["marks", "detect", "--json", *options, path]) == 0
        told.append(json.loads(capsys.readouterr().out))

    assert [one["decision"] for one in told] == ["marked", "unmarked"]
    assert (told[0]["key_id"], told[0]["payload"]) == ("k1", PAYLOAD)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["embed", "--mark", "zero_width", "in.mp4", "out.mp4"],
            "only spread_spectrum is for films",
        ),
        (["detect", "--mark", "spread_spectrum", "in.mp4"], "'in.mp4' cannot be read"),
        (
            ["detect", "--mark", "spread_spectrum", "--manifest", "m", "in.mp4"],
            "which is for texts",
        ),
    ],
)
def test_the_commands_say_what_is_wrong_about_a_film(
    tmp_path, capsys, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    Path("keys.txt").write_text("k1:" + base64.b64encode(b"films" * 8).decode())

    assert main(["marks", *arguments, "--key-file", "keys.txt"]) == 2
    assert message in capsys.readouterr().err
