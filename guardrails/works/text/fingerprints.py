"""What an index keeps of a text: seeds of a few words in a row, and a 16-bit hash of each word."""

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.passages.seeding import sampled, seeds
from guardrails.works.text.words import words

WIDTH = 4
"""Words that make a seed."""
WINDOW = 3
"""One seed at least is kept of so many neighbours: about half of all."""


def fingerprint(text: str) -> Fingerprint:
    """Read a text once; places count its words from zero."""
    hashes = words(text).hashes
    every = seeds(hashes, WIDTH)
    places = sampled(every, WINDOW)
    return Fingerprint(every[places], places, hashes)
