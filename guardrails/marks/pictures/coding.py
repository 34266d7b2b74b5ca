"""Payloads as bits that survive noise: a checksum, then a convolutional code read softly. Pure.

The code is tail-biting, of rate 1/4 and constraint length 9, and decoded by Viterbi's algorithm
that runs around three times (Shao, Lin and Fossorier, "Two Decoding Algorithms for Tailbiting
Codes", 2003). The codes of libraries decide each bit before they correct: with 64 bits to carry,
BCH (127, 64) needs 1.6 times the power to get through as often.
"""

from collections.abc import Iterator
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from guardrails.core.errors import MarkError

Bits: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]

LONGEST = 6
"""Bytes of a payload."""
_LENGTH = 3
_CHECK = 21
MESSAGE = _LENGTH + 8 * LONGEST + _CHECK
"""Bits that are encoded."""
_MEMORY = 8
_POLYNOMIALS = (0o463, 0o535, 0o733, 0o745)
CODE = MESSAGE * len(_POLYNOMIALS)
"""Bits that are marked."""

_STATES = 1 << _MEMORY
_ROUNDS = 3
_ENDS = 4
CHANCE = _ENDS / 2**_CHECK
"""Of noise to pass as a payload."""


def payload_of(hexadecimal: str) -> bytes:
    """Read a payload as it is written in settings.

    Raises:
        MarkError: it is no hexadecimal, or too long.
    """
    try:
        payload = bytes.fromhex(hexadecimal)
    except ValueError:
        raise MarkError("payload: write it in hexadecimal, two digits a byte") from None
    if len(payload) > LONGEST:
        raise MarkError(f"payload: {len(payload)} bytes, a picture carries at most {LONGEST}")
    return payload


def encode(payload: bytes) -> Bits:
    """Give the ``CODE`` bits of a payload of up to ``LONGEST`` bytes."""
    message = _message(payload)
    window = np.zeros(MESSAGE, np.int64)
    for back in range(_MEMORY + 1):
        window |= np.roll(message, back).astype(np.int64) << (_MEMORY - back)
    return _OUTPUTS[window].ravel()


def decode(soft: Floats) -> bytes | None:
    """Give the payload that the bits most likely stand for: above zero is 1, further is surer.

    None where the checksum says that it is none: of noise, one in 500,000 passes as a payload.
    """
    for message in _likeliest(soft.reshape(MESSAGE, len(_POLYNOMIALS))):
        if (payload := _payload(message)) is not None:
            return payload
    return None


def _message(payload: bytes) -> Bits:
    padded = payload.ljust(LONGEST, b"\0")
    check = crc32(bytes([len(payload)]) + padded) >> (32 - _CHECK)
    number = (len(payload) << 8 * LONGEST | int.from_bytes(padded)) << _CHECK | check
    return np.array([number >> place & 1 for place in reversed(range(MESSAGE))], np.uint8)


def _payload(message: Bits) -> bytes | None:
    number = int("".join(map(str, message)), 2) >> _CHECK
    length = number >> 8 * LONGEST
    payload = (number & (1 << 8 * LONGEST) - 1).to_bytes(LONGEST)[:length]
    sound = length <= LONGEST and np.array_equal(_message(payload), message)
    return payload if sound else None


def _parities() -> Bits:
    """The four bits for each window of nine message bits, the newest one highest."""
    windows = np.arange(2 * _STATES)
    taps = np.array(_POLYNOMIALS)
    bits = np.array([(windows & tap).astype(np.uint16) for tap in taps]).T
    return np.asarray(np.bitwise_count(bits) & 1, np.uint8)


_OUTPUTS = _parities()
# the last eight bits are the state, the newest highest; two states lead to each, and the bit that
# falls out on the way tells them apart
_BEFORE = (np.arange(_STATES)[None] << 1 & _STATES - 1) | np.array([[0], [1]])
_BRANCHES = (np.arange(_STATES)[None] << 1) | np.array([[0], [1]])
_SIGNS = 2 * _OUTPUTS[_BRANCHES].astype(np.float32) - 1


def _likeliest(soft: Floats) -> Iterator[Bits]:
    """Give the most likely messages, the best first."""
    gains = np.einsum("tc,bsc->tbs", soft, _SIGNS)
    total = np.zeros(_STATES, np.float32)
    choices = np.zeros((_ROUNDS * MESSAGE, _STATES), np.uint8)
    for step in range(_ROUNDS * MESSAGE):
        both = total[_BEFORE] + gains[step % MESSAGE]
        choices[step] = both[1] > both[0]
        total = both.max(axis=0)
    for end in np.argsort(-total)[:_ENDS]:
        yield _traced(choices[-MESSAGE:], int(end))


def _traced(choices: Bits, state: int) -> Bits:
    """Walk back once around."""
    message = np.zeros(MESSAGE, np.uint8)
    for step in reversed(range(MESSAGE)):
        message[step] = state >> (_MEMORY - 1)
        state = (state << 1 & _STATES - 1) | int(choices[step, state])
    return message
