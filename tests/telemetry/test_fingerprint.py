"""A fingerprint is of what was judged, whole or in pieces, and of nothing else."""

from guardrails.core.content import Content, Image, Stage, Surface, Text
from guardrails.telemetry.fingerprint import LARGE, Fingerprint, fingerprinted, keyed

KEY = bytes(32)


async def of(*parts, key=KEY, **more):
    return await fingerprinted(Content(parts, **more), keyed(key))


async def test_the_same_parts_give_the_same_one_on_either_way_and_surface():
    assert await of(Text("a")) == await of(Text("a", Surface.TOOL), stage=Stage.OUTPUT)


async def test_other_parts_orders_kinds_and_keys_give_another():
    found = [
        await of(Text("ab")),
        await of(Text("a"), Text("b")),
        await of(Text("b"), Text("a")),
        await of(Image(b"ab")),
        await of(),
        await of(Text("ab"), key=bytes(31) + b"x"),
    ]

    assert len(set(found)) == len(found)


async def test_pieces_give_that_of_the_whole():
    one = Fingerprint(KEY)
    for part, piece in ((0, "so "), (1, "{"), (0, "it \U0001f600"), (1, "}")):
        one.feed(part, piece)

    assert one.hex == await of(Text("so it \U0001f600"), Text("{}"))


async def test_a_large_content_is_hashed_like_a_small_one():
    one = Fingerprint(KEY)
    one.feed(0, "x" * LARGE + "y")

    assert one.hex == await of(Text("x" * LARGE + "y"))


async def test_nothing_is_hashed_where_nobody_wants_it():
    assert await fingerprinted(Content((Text("a"),)), None) == ""
