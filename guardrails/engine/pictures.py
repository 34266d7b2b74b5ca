"""Decodes the pictures of a request, one by one, up to the frames that a policy judges."""

import asyncio
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from guardrails.core.content import Image, Part
from guardrails.core.errors import ContentError
from guardrails.models import pixels
from guardrails.policy.plan import Plan
from guardrails.policy.terms import Mode


async def decoded(
    parts: tuple[Part, ...], plan: Plan, decoders: Executor
) -> tuple[tuple[Part, ...], dict[int, str]]:
    """Give the parts with their frames, and for each part that is not judged whole, why.

    Between two pictures a caller who has left is noticed.

    Raises:
        ContentError: a picture cannot be judged. Under an observing policy it is told as unjudged.
    """
    read = list(parts)
    missed: dict[int, str] = {}
    left = plan.limits.frames
    for number, part in enumerate(parts):
        if not isinstance(part, Image):
            continue
        if left == 0:
            missed[number] = f"{plan.limits.frames:,} frames were judged, that is the limit"
            continue
        try:
            found = await _decode(part, plan, left, decoders)
        except ContentError as error:
            if plan.mode is Mode.ENFORCE:
                raise ContentError(f"part {number}: {error}") from error
            missed[number] = str(error)
            continue
        read[number] = replace(part, frames=found.frames)
        left -= len(found.frames)
        if found.total > len(found.frames):
            missed[number] = f"{found.total:,} frames, {len(found.frames)} were judged"
    return tuple(read), missed


async def _decode(part: Image, plan: Plan, most: int, decoders: Executor) -> pixels.Decoded:
    decode = partial(pixels.decode, part.data, pixels=plan.limits.pixels, most=most)
    return await asyncio.get_running_loop().run_in_executor(decoders, decode)
