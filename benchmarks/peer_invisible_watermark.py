"""The peer's process: `invisible-watermark` as it ships; asked and answering in lines of JSON."""

import json
import sys
from pathlib import Path
from time import process_time
from typing import Any

import cv2
import imwatermark
from imwatermark import WatermarkDecoder, WatermarkEncoder

BITS = 32


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Mark a file, or read the bits of one; a picture that it refuses has none."""
    if "method" not in question:
        return {"folder": str(Path(imwatermark.__file__).parent)}
    picture = cv2.imread(question["from"])
    started = process_time()
    if "encode" in question:
        encoder = WatermarkEncoder()
        encoder.set_watermark("bits", question["encode"])
        marked = encoder.encode(picture, question["method"])
        taken = process_time() - started
        cv2.imwrite(question["to"], marked)
        return {"milliseconds": taken * 1e3}
    try:
        bits = WatermarkDecoder("bits", BITS).decode(picture, question["method"])
    except RuntimeError:  # too small
        bits = []
    taken = process_time() - started
    return {"bits": [int(bit) for bit in bits], "milliseconds": taken * 1e3}


WatermarkEncoder.loadModel()
cv2.setNumThreads(1)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
