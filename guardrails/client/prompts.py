"""What functions take and give, as content and back. Pure."""

import io
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from guardrails.core.content import Content, Image, Part, Stage, Surface, Text
from guardrails.core.errors import ContentError

ROLES: Mapping[str, Surface] = {
    "system": Surface.SYSTEM,
    "developer": Surface.SYSTEM,
    "user": Surface.USER,
    "assistant": Surface.ASSISTANT,
    "tool": Surface.TOOL,
    "function": Surface.TOOL,
}


def asked(prompt: Any) -> Content:
    """Read a prompt: a string, or chat messages with a role and a text.

    Raises:
        ContentError: it is neither, or a message holds something else than text.
    """
    if isinstance(prompt, str):
        return Content((Text(prompt),))
    if _is_messages(prompt):
        return Content(tuple(_message(number, one) for number, one in enumerate(prompt)))
    raise ContentError(
        f"the prompt is a {type(prompt).__name__}, guard judges a string or a list of chat messages"
    )


def prompt_from(content: Content, prompt: Any) -> Any:
    """Write content back in the shape that the prompt had."""
    if isinstance(prompt, str):
        return content.text
    return [
        {**message, "content": part.text}
        for message, part in zip(prompt, content.parts, strict=True)
        if isinstance(part, Text)
    ]


def answered(result: Any, prompt: Content) -> Content:
    """Read what a function returned: text or a PIL image.

    Raises:
        ContentError: it is neither.
    """
    return Content((_answer(result),), Stage.OUTPUT, prompt.parts)


def answer_from(content: Content, result: Any) -> Any:
    """Write content back as what the function returned: the very object where nothing changed."""
    part = content.parts[0]
    if isinstance(part, Text):
        return part.text
    if part == _answer(result):
        return result
    return _pillow().open(io.BytesIO(part.data))


def _is_messages(prompt: Any) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return isinstance(prompt, Sequence) and all(isinstance(one, Mapping) for one in prompt)


def _message(number: int, message: Mapping[str, Any]) -> Part:
    text, role = message.get("content"), message.get("role")
    if not isinstance(text, str):
        raise ContentError(
            f"message {number}: its content is a {type(text).__name__}, guard judges text"
        )
    surface = ROLES.get(str(role))
    if surface is None:
        raise ContentError(f"message {number}: unknown role, use one of: {', '.join(ROLES)}")
    return Text(text, surface)


def _answer(result: Any) -> Part:
    if isinstance(result, str):
        return Text(result, Surface.ASSISTANT)
    if _pillow() is not None and isinstance(result, _pillow().Image):
        encoded = io.BytesIO()
        result.save(encoded, "PNG")
        return Image(encoded.getvalue(), Surface.ASSISTANT)
    raise ContentError(
        f"the function returned a {type(result).__name__}, guard judges a string or a PIL image"
    )


def _pillow() -> Any:
    """Pillow, if the caller has it loaded: whoever returns a PIL image does. Never loaded here."""
    return sys.modules.get("PIL.Image")
