"""Makes `guardrails/works/pictures/words.npy`: the directions that tell local features apart.

`python training/picture_words.py PHOTO...`: principal components of the features of some
photographs in the public domain (those of scikit-image: astronaut, camera, chelsea, coffee and
rocket), and the median along each, so that every bit of a word is set for half of the features.
"""

import sys
from pathlib import Path

import numpy as np

from guardrails.models.pixels import decode
from guardrails.works.pictures.features import features
from guardrails.works.pictures.opencv import Floats

WORDS = Path(__file__).parents[1] / "guardrails/works/pictures/words.npy"
BITS = 24
MOST = 2000


def main() -> None:
    """Learn from the pictures that are named."""
    table = directions(np.concatenate([_descriptors(Path(name)) for name in sys.argv[1:]]))
    np.save(WORDS, table, allow_pickle=False)
    print(f"{WORDS.name}: {len(table)} bits a word")


def directions(descriptors: Floats) -> Floats:
    """Give rows of 128 weights and the median of what they give."""
    _, axes = np.linalg.eigh(np.cov(descriptors.T))
    weights = axes[:, ::-1][:, :BITS].T
    medians = np.median(descriptors @ weights.T, axis=0)
    table: Floats = np.column_stack([weights, medians]).astype(np.float32)
    return table


def _descriptors(photo: Path) -> Floats:
    frame = decode(photo.read_bytes(), pixels=40_000_000, most=1).frames[0]
    rgb = np.frombuffer(frame.rgb, np.uint8).reshape(frame.height, frame.width, 3)
    return features(rgb, MOST).descriptors.astype(np.float32) / 512


if __name__ == "__main__":
    main()
