"""From pydantic's errors to problems: the place of the key or value, and words an author knows."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from guardrails.core.problem import Place, Problem
from guardrails.policy.problems import did_you_mean, quoted
from guardrails.policy.source import Node, Trail

Model: TypeAlias = type[BaseModel]

_SHOULD_BE: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "frozen_set_type": "a list",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "list_type": "a list",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "set_type": "a list",
    "string_pattern_mismatch": "of the form '{pattern}'",
    "string_too_long": "at most {max_length} characters long",
    "string_too_short": "at least {min_length} characters long",
    "string_type": "text",
    "too_long": "at most {max_length} long",
    "too_short": "at least {min_length} long",
    "tuple_type": "a list",
}


def problems_in(error: ValidationError, node: Node, model: Model, noun: str) -> Iterator[Problem]:
    """Every error as a problem; ``node`` is what was validated, ``noun`` what a key is."""
    errors = error.errors(include_url=False)
    for details in errors:
        if _only_follows(details, errors):
            continue
        trail = trail_of(node, details["loc"])
        yield Problem(_place(node, trail, details), _message(details, trail, model, noun))


def _only_follows(details: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether other errors say it better: a list without its wrong items, None in a union."""
    where = details["loc"]
    inside = (each["loc"] for each in errors if each["loc"][: len(where)] == where != each["loc"])
    return details["type"] == "none_required" or (details["type"] == "too_short" and any(inside))


def trail_of(node: Node, steps: tuple[str | int, ...]) -> Trail:
    """As much of an error's location as is written; pydantic also names union members."""
    trail: list[str | int] = []
    for step in steps:
        if (child := node.child(step)) is not None:
            node = child
            trail.append(step)
    return tuple(trail)


def _place(node: Node, trail: Trail, details: ErrorDetails) -> Place:
    for step in trail:
        node = node.child(step) or node
    return node.key if details["type"] == "extra_forbidden" else node.place


def _message(details: ErrorDetails, trail: Trail, model: Model, noun: str) -> str:
    if details["type"] == "extra_forbidden":
        return _unknown_key(details, model, noun)
    if details["type"] == "missing":
        return f"missing {noun} '{details['loc'][-1]}'"
    return _about_value(details, _name(trail))


def _about_value(details: ErrorDetails, name: str) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        return _not_one_of(name, details)
    if context.get("min_length") == 1:
        return f"{name} should not be empty"
    if kind in _SHOULD_BE:
        bounds = {key: _short(bound) for key, bound in context.items()}
        hint = ", quote it" if _needs_quotes(kind, details["input"]) else ""
        return f"{name} should be {_SHOULD_BE[kind].format(**bounds)}{hint}"
    return f"{name}: {details['msg'][:1].lower()}{details['msg'][1:]}"


def _unknown_key(details: ErrorDetails, model: Model, noun: str) -> str:
    *steps, key = details["loc"]
    known = {field.alias or name for name, field in _model_at(model, steps).model_fields.items()}
    return f"unknown {noun} '{key}', {did_you_mean(str(key), known)}"


def _not_one_of(name: str, details: ErrorDetails) -> str:
    expected = str(details.get("ctx", {})["expected"])
    written, allowed = details["input"], expected.replace(" or ", ", ").split(", ")
    if not isinstance(written, str):
        return f"{name} should be {expected}"
    way_out = did_you_mean(written, (word.strip("'") for word in allowed), otherwise="")
    return (
        f"{name} cannot be '{written}', {way_out if way_out.endswith('?') else 'use ' + expected}"
    )


def _name(trail: Trail) -> str:
    """How a message calls the value at the end of a trail."""
    if not trail:
        return "a policy"
    if isinstance(trail[-1], str):
        return quoted([trail[-1]])
    names = [step for step in trail if isinstance(step, str)]
    return f"an item of {quoted(names[-1:])}" if names else "an item"


def _short(bound: Any) -> Any:
    """A bound as an author would write it: 1, not 1.0."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _needs_quotes(kind: str, value: Any) -> bool:
    return kind == "string_type" and isinstance(value, bool | int | float)


def _model_at(model: Model, steps: list[str | int]) -> Model:
    """The model whose keys stand at a location."""
    for step in steps:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if step in fields:
            model = next(_models_in(fields[str(step)].annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[Model]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
