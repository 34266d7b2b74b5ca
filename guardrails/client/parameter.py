"""Which parameter of a function holds the prompt. Said when it is defined, never guessed."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any

NAMES = ("prompt", "messages", "text", "input", "question", "query")
"""Names that speak for themselves; ``prompt`` wins, of the others there must be one alone."""

_MANY: Mapping[Any, str] = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}


def must_be_guardable(function: Any) -> None:
    """Refuse what a decorator would get wrong in silence.

    Raises:
        TypeError: it is not a function, or is bound in part.
    """
    if isinstance(function, functools.partial):
        raise TypeError(
            "guard would not see what a partial holds already, "
            "guard the function and make the partial of that"
        )
    if isinstance(function, (classmethod, staticmethod)):
        kind = type(function).__name__
        raise TypeError(f"guard goes round the function itself, put @guard under @{kind}")
    if not callable(function):
        raise TypeError(f"guard goes round a function, not a {type(function).__name__}")


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await."""
    return _is(function, inspect.iscoroutinefunction)


def is_generator(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to iterate over."""
    return _is(function, inspect.isgeneratorfunction)


def is_async_generator(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to iterate over by ``async for``."""
    return _is(function, inspect.isasyncgenfunction)


def prompt_parameter(
    function: Callable[..., Any], signature: inspect.Signature, name: str | None
) -> str:
    """Give the name of the parameter that holds the prompt.

    Raises:
        TypeError: there is none of that name, or without one it is not plain which it is.
    """
    found = _taken(signature)
    if not found:
        raise TypeError(f"'{named(function)}' has no parameters, {_NEEDED}")
    if name is not None:
        chosen = next((one for one in found if one.name == name), None)
        if chosen is None:
            raise TypeError(f"'{named(function)}' has no parameter '{name}', {_NEEDED}")
    else:
        chosen = _plain(found)
        if chosen is None:
            names = ", ".join(map(_written, found))
            raise TypeError(
                f"'{named(function)}' has the parameters {names}, "
                "say which holds the prompt: guard(prompt=...)"
            )
    if chosen.kind in _MANY:
        raise TypeError(
            f"'{named(function)}': '{_written(chosen)}' cannot be the prompt, {_NEEDED}"
        )
    return chosen.name


def named(function: Callable[..., Any]) -> str:
    """Give the name of a function, or of the type of an object that is called like one."""
    return getattr(function, "__name__", type(function).__name__)


_NEEDED = "guard needs one that holds the prompt"


def _taken(signature: inspect.Signature) -> Sequence[Parameter]:
    found = list(signature.parameters.values())
    return found[1:] if found and found[0].name in {"self", "cls"} else found


def _plain(found: Sequence[Parameter]) -> Parameter | None:
    known = {one.name: one for one in found if one.name in NAMES}
    if "prompt" in known:
        return known["prompt"]
    if len(known) == 1:
        return next(iter(known.values()))
    return found[0] if len(found) == 1 else None


def _is(function: Any, kind: Callable[[Any], bool]) -> bool:
    """Ask it of a function, and of what an object does when it is called."""
    return kind(function) or kind(type(function).__call__)


def _written(parameter: Parameter) -> str:
    return f"{_MANY.get(parameter.kind, '')}{parameter.name}"
