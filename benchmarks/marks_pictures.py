"""Marks in pictures under what happens to pictures, beside those of `invisible-watermark` 0.2.0.

Run by name alone (`python -m benchmarks marks_pictures`): it fetches photographs, a Debian package
with those in the list beside this file, and the peer with torch, once, into `--peers DIR`. None of
them served to tune the marks. All are 512 pixels on the short side.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import marks_pictures_films, marks_pictures_null
from benchmarks.measure import Row, median
from benchmarks.picture_changes import CHANGES, Change, filed, seen
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.pictures.rivagan import RivaGan, RivaGanSettings
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, SpreadSpectrumSettings

PACKAGE = "gcompris-qt-data"
NAMES = Path(__file__).with_suffix(".txt")
SCRIPT = Path(__file__).with_name("peer_invisible_watermark.py")
REQUIREMENTS = ("invisible-watermark==0.2.0", "onnxruntime", "torch==2.13.0")
SHORT = 512
LARGEST = 3_000_000
"""Bytes of a picture."""
PAYLOAD = "0123456789ab"
SLOW = 8
"""Photographs for the nets."""
Ask = Callable[[Mapping[str, Any]], Any]

RING = Keyring.parse("k1:" + base64.b64encode(b"the secret of the benchmark only").decode())

FEW = ("unchanged", "JPEG 75", "JPEG 50", "resize 0.5", "crop 30%", "rotate 2", "social media")
MISSED_PAYLOADS = ("JPEG 50", "resize 0.5", "crop 30%", "social media")
MISSED_MARKS = ("crop 50%", "rotate 10", "rotate 0 to 10")


@dataclass(slots=True)
class Tally:
    """What one method did: a list for each figure, by change."""

    figures: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, case: str, **figures: float) -> None:
        """Note the figures of one picture."""
        for figure, value in figures.items():
            self.figures.setdefault((case, figure), []).append(float(value))

    def mean(self, case: str, figure: str) -> float:
        """Give the mean over pictures."""
        return float(np.mean(self.figures[case, figure]))


def run(
    folder: Path, *, peers: bool = True, plain: int = marks_pictures_null.COUNT
) -> Iterator[Row]:
    """Mark, change and read every photograph; then look for marks where there are none."""
    photographs = _photographs(folder)
    mark = SpreadSpectrum(SpreadSpectrumSettings(keyring=RING, payload=PAYLOAD))
    yield Row("marks_pictures", "photographs", len(photographs), "")
    yield from _told(
        "spread_spectrum", _ours(mark, photographs, CHANGES, PAYLOAD), CHANGES, held=True
    )
    few = photographs[:: len(photographs) // SLOW][:SLOW]
    yield from marks_pictures_films.rows(few, mark, folder)
    if peers:
        yield from _beside(folder, few)
    yield from marks_pictures_null.rows(photographs, plain)


def _beside(folder: Path, photographs: Sequence[Image.Image]) -> Iterator[Row]:
    """Put the same few photographs through our run of RivaGAN's nets, and through the package."""
    yield Row("marks_pictures", "photographs for the nets", len(photographs), "")
    mark = SpreadSpectrum(SpreadSpectrumSettings(keyring=RING, payload=PAYLOAD))
    yield from _told("spread_spectrum, few", _ours(mark, photographs, _few(), PAYLOAD), FEW)
    with _peer(folder) as ask:
        nets = RivaGan(RivaGanSettings(keyring=RING, nets=ask({})["folder"], payload="a7"))
        yield from _told("rivagan", _ours(nets, photographs, _few(), "a7"), FEW)
        for method in ("rivaGan", "dwtDctSvd", "dwtDct"):
            tally = _theirs(ask, method, photographs, folder)
            yield from _told(f"package's {method}", tally, FEW)


def _few() -> Mapping[str, Change]:
    return {name: CHANGES[name] for name in FEW}


def _ours(
    mark: SpreadSpectrum | RivaGan,
    photographs: Sequence[Image.Image],
    changes: Mapping[str, Change],
    payload: str,
) -> Tally:
    tally, chance = Tally(), np.random.default_rng(6)
    for photograph in photographs:
        started = process_time()
        marked = mark.embed(filed(photograph))
        taken = process_time() - started
        shown = Image.open(BytesIO(marked.data)).convert("RGB")
        tally.add("", milliseconds=taken * 1e3, **seen(photograph, shown))
        for name, change in changes.items():
            changed = filed(change(shown, chance))
            started = process_time()
            found, bits = mark.examine(changed)
            taken = process_time() - started
            tally.add(
                name,
                payload=found.payload == payload,
                presence=found.decision is Decision.MARKED and found.key_id == mark.key_id,
                wrong=found.decision is Decision.MARKED and found.payload not in {"", payload},
                milliseconds=taken * 1e3,
                bits=bits,
            )
    return tally


def _theirs(
    ask: Callable[[Mapping[str, Any]], Any],
    method: str,
    photographs: Sequence[Image.Image],
    folder: Path,
) -> Tally:
    tally, chance = Tally(), np.random.default_rng(6)
    bits = [int(bit) for bit in f"{0xC0FFEE42:032b}"]
    before, after = folder / "before.png", folder / "after.png"
    for photograph in photographs:
        photograph.save(before)
        said = ask({"method": method, "encode": bits, "from": str(before), "to": str(after)})
        with Image.open(after) as file:
            shown = file.convert("RGB")
        tally.add("", milliseconds=said["milliseconds"], **seen(photograph, shown))
        for name, change in _few().items():
            change(shown, chance).save(before)
            said = ask({"method": method, "from": str(before)})
            right = float(np.mean(np.array(said["bits"]) == bits)) if said["bits"] else 0.5
            tally.add(name, payload=right == 1, bits=right, milliseconds=said["milliseconds"])
    return tally


def _told(
    method: str, tally: Tally, changes: Sequence[str] | Mapping[str, Change], *, held: bool = False
) -> Iterator[Row]:
    row = partial(Row, "marks_pictures")
    yield row(f"{method}: PSNR", tally.mean("", "psnr"), "dB")
    yield row(f"{method}: PSNR, worst", min(tally.figures["", "psnr"]), "dB")
    yield row(f"{method}: SSIM", tally.mean("", "ssim"), "")
    yield row(f"{method}: SSIM, worst", min(tally.figures["", "ssim"]), "")
    yield row(f"{method}: embed, CPU, p50", median(tally.figures["", "milliseconds"]), "ms")
    for name in changes:
        for figure in ("bits", "payload", "presence", "wrong"):
            if (name, figure) in tally.figures:
                yield row(f"{method}: {name}: {figure}", tally.mean(name, figure), "")
        yield row(f"{method}: {name}: CPU", median(tally.figures[name, "milliseconds"]), "ms")
    if held:
        for name in MISSED_PAYLOADS:
            yield row(f"{name}: payload missed", 1 - tally.mean(name, "payload"), "", 0.05)
        for name in MISSED_MARKS:
            yield row(f"{name}: mark missed", 1 - tally.mean(name, "presence"), "", 0.1)


def _photographs(folder: Path) -> list[Image.Image]:
    """Take the listed pictures out of a Debian package, where they lie in Qt's resource files."""
    unpacked = folder / PACKAGE
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True)
        [package] = folder.glob(f"{PACKAGE}_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
    resources = {path.stem: path for path in unpacked.rglob("*.rcc")}
    return [_carved(resources, name) for name in NAMES.read_text().split()]


def _carved(resources: Mapping[str, Path], name: str) -> Image.Image:
    """Read one picture, named by its resource file and where it begins in it."""
    stem, _, place = name.partition(".")[0].rpartition("_")
    with resources[stem].open("rb") as file:
        file.seek(int(place))
        picture = Image.open(BytesIO(file.read(LARGEST))).convert("RGB")
    scale = SHORT / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


@contextmanager
def _peer(folder: Path) -> Iterator[Ask]:
    """Run the peer in an environment of its own, made the first time."""
    python, ready = folder / "marks/bin/python", folder / "marks/.ready"
    wanted = "\n".join(REQUIREMENTS)
    if not ready.exists() or ready.read_text() != wanted:
        print(f"installing {' '.join(REQUIREMENTS)} into {folder}: a gigabyte, once")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "marks"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
        ready.write_text(wanted)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([python, SCRIPT], **pipes) as process:

        def ask(question: Mapping[str, Any]) -> Any:
            print(json.dumps(question), file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()
