"""Makes bytes that are almost right of bytes that are right; the same seed makes the same."""

import random
from collections.abc import Iterator, Sequence

TOKENS = (
    *(
        b"\x00",
        b"\xff",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b'"',
        b"\\",
        b"\\u",
        b"\\ud800",
        b"{",
        b"[",
    ),
    *(b"}", b"]", b":", b"- ", b"&a ", b"*a", b"!!", b"|", b"<", b">", b"_1>", b"%", b"%u", b"&#"),
    *(
        b"data: ",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xe2\x80\x8b",
        b"\xcc\x81",
        b"\xf3\xa0\x81\x81",
    ),
    *(b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"9" * 20, b"1e999", b"-0"),
    *(b"zephyr", b"null", b"true", b"=", b"==", b"AAAA", b" ", b"\t", b"\xc2\x85", b"\xe2\x80\xa8"),
)
MOST = 4096


def mutants(seeds: Sequence[bytes], number: int, seed: int = 0) -> Iterator[bytes]:
    """Give mutants of seeds, each some steps away from one of them."""
    chance = random.Random(seed)  # noqa: S311  # its chance is no secret
    for _ in range(number):
        made = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            _step(made, seeds, chance)
        yield bytes(made[: max(MOST, len(made) // 2) if len(made) > MOST else len(made)])


def _step(made: bytearray, seeds: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(made) + 1)
    end = min(len(made), at + chance.choice((1, 2, 4, 16, 64)))
    match chance.randrange(7):
        case 0:
            made[at:at] = chance.choice(TOKENS)
        case 1:
            made[at:end] = b""
        case 2:
            made[at:at] = made[at:end] * chance.choice((1, 2, 30))
        case 3 if at < len(made):
            made[at] ^= 1 << chance.randrange(8)
        case 4:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            made[at:end] = other[start : start + 64]
        case 5:
            made[at:end] = chance.randbytes(end - at)
        case _:
            del made[at:]
