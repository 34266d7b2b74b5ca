"""What of a request is judged, by route. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from guardrails.core.content import Surface
from guardrails.core.errors import ContentError
from guardrails.server.openai.reading import Reading, reading
from guardrails.wire.messages import (
    ROLES,
    Kind,
    Piece,
    Spot,
    Unjudged,
    message_pieces,
    pieces,
)

Found: TypeAlias = Iterator[Piece | Unjudged]
Reader: TypeAlias = Callable[[str, Any], Found]

SCHEMA_NAMES = frozenset(
    {
        *("type", "name", "format", "$ref", "$schema", "$id", "required"),
        *("authorization", "headers", "server_url", "server_label", "connector_id"),
    }
)
"""Keys of tools and JSON schemas whose strings name things."""


def read(fields: Mapping[str, Reader], known: frozenset[str], body: Mapping[str, Any]) -> Reading:
    """Read a request: ``fields`` are judged, those that are ``known`` are no text for a model.

    Raises:
        ContentError: something in it has no shape that this route takes.
    """
    unknown = [name for name in body if name not in fields and name not in known]
    found = (
        one
        for name, value in body.items()
        if name not in known
        for one in fields.get(name, free)(name, value)
    )
    return reading(body, found, unknown)


def messages(name: str, value: Any) -> Found:
    """Read chat messages."""
    for number, message in enumerate(_list(name, value)):
        yield from message_pieces(message, (name,), number)


def system(name: str, value: Any) -> Found:
    """Read words of the developer, in text or parts."""
    return pieces(value, Spot((name,), Surface.SYSTEM))


def assistant(name: str, value: Any) -> Found:
    """Read words in the model's mouth."""
    return pieces(value, Spot((name,), Surface.ASSISTANT))


def tools(name: str, value: Any) -> Found:
    """Read what the developer tells of tools and forms; the keys are those of JSON schemas."""
    return pieces(value, Spot((name,), Surface.SYSTEM, free=True, names=SCHEMA_NAMES))


def documents(name: str, value: Any) -> Found:
    """Read texts that were looked up."""
    return pieces(value, Spot((name,), Surface.DOCUMENT, free=True))


def free(name: str, value: Any) -> Found:
    """Read a field that this route does not know: whatever it is, a server may show it a model."""
    return pieces(value, Spot((name,), Surface.USER, free=True))


def texts(name: str, value: Any) -> Found:
    """Read a prompt: text, several, or the numbers of tokens, which say nothing to us."""
    if isinstance(value, list) and any(not isinstance(one, str) for one in value):
        yield Unjudged((name,), Kind.TOKENS)
    elif isinstance(value, str | list):
        yield from pieces(value, Spot((name,), Surface.USER))
    else:
        raise ContentError(f"'{name}' should be text")


def stored(name: str, value: Any) -> Found:
    """Read what names something that the model's server has from before."""
    if value is not None:
        yield Unjudged((name,), Kind.STORED)
        if isinstance(value, Mapping):
            yield from pieces(value, Spot((name,), Surface.USER))


def items(name: str, value: Any) -> Found:
    """Read the input of the Responses API: text, or a list of messages and other items."""
    if isinstance(value, str):
        yield from pieces(value, Spot((name,), Surface.USER))
        return
    for number, item in enumerate(_list(name, value)):
        yield from pieces(item, Spot((name, number), _speaker(item, Surface.USER)))


def _speaker(item: Any, otherwise: Surface) -> Surface:
    match item:
        case {"role": str(role)}:
            if role not in ROLES:
                raise ContentError(f"unknown role, use one of: {', '.join(ROLES)}")
            return ROLES[role]
        case {"type": str(kind)} if kind.endswith("_output"):
            return Surface.TOOL
        case {"type": str(kind)} if kind.endswith("_call") or kind == "reasoning":
            return Surface.ASSISTANT
    return otherwise


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ContentError(f"'{name}' should be a list, and hold something")
    return value


_COMMON = frozenset(
    {
        *("model", "stream", "stream_options", "n", "user", "metadata", "store", "seed"),
        *("temperature", "top_p", "top_k", "min_p", "max_tokens", "service_tier"),
        *("safety_identifier", "prompt_cache_key", "prompt_cache_retention"),
        *("frequency_penalty", "presence_penalty", "repetition_penalty", "length_penalty"),
        *("logit_bias", "logprobs", "top_logprobs", "stop", "best_of", "echo"),
        *("parallel_tool_calls", "tool_choice", "reasoning_effort", "verbosity"),
    }
)

CHAT: Mapping[str, Reader] = {
    "messages": messages,
    "tools": tools,
    "functions": tools,
    "response_format": tools,
    "prediction": assistant,
    "documents": documents,
}
CHAT_KNOWN = _COMMON | {
    *("max_completion_tokens", "modalities", "audio", "function_call", "moderation"),
}
COMPLETIONS: Mapping[str, Reader] = {"prompt": texts, "suffix": texts}
COMPLETIONS_KNOWN = _COMMON
EMBEDDINGS: Mapping[str, Reader] = {"input": texts, "messages": messages}
EMBEDDINGS_KNOWN = frozenset({"model", "user", "dimensions", "encoding_format"})
IMAGES: Mapping[str, Reader] = {"prompt": texts}
IMAGES_KNOWN = _COMMON | {
    *("size", "quality", "style", "response_format", "background", "moderation"),
    *("output_format", "output_compression", "partial_images"),
}
RESPONSES: Mapping[str, Reader] = {
    "input": items,
    "instructions": system,
    "tools": tools,
    "text": tools,
    "prompt": stored,
    "previous_response_id": stored,
    "conversation": stored,
}
RESPONSES_KNOWN = _COMMON | {
    *("max_output_tokens", "max_tool_calls", "include", "reasoning", "truncation"),
    *("background", "context_management", "moderation"),
}
MESSAGES: Mapping[str, Reader] = {
    "messages": messages,
    "system": system,
    "tools": tools,
    "output_config": tools,
    "output_format": tools,
}
MESSAGES_KNOWN = frozenset(
    {
        *("model", "stream", "max_tokens", "metadata", "temperature", "top_k", "top_p"),
        *("stop_sequences", "thinking", "tool_choice", "service_tier", "inference_geo", "speed"),
    }
)
