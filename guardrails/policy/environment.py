"""Values that come from the environment: ``${env:NAME}`` in any text of a policy."""

import re
from collections.abc import Mapping
from dataclasses import replace

from guardrails.policy.problems import Problems
from guardrails.policy.source import Node

_REFERENCE = re.compile(r"(\$?)\$\{env:([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def resolve(node: Node, environment: Mapping[str, str], problems: Problems) -> Node:
    """The tree with every reference replaced; ``$${env:NAME}`` stands for the text itself."""
    if isinstance(node.value, str):
        return replace(node, value=_replaced(node, node.value, environment, problems))
    if isinstance(node.value, tuple):
        items = tuple(resolve(item, environment, problems) for item in node.value)
        return replace(node, value=items)
    if isinstance(node.value, Mapping):
        members = {
            name: resolve(member, environment, problems) for name, member in node.value.items()
        }
        return replace(node, value=members)
    return node


def _replaced(node: Node, text: str, environment: Mapping[str, str], problems: Problems) -> str:
    def value_of(reference: re.Match[str]) -> str:
        escaped, name = reference.groups()
        if escaped:
            return reference[0][1:]
        if not _NAME.fullmatch(name):
            problems.add(node.place, f"'{name}' cannot name an environment variable")
        elif name not in environment:
            problems.add(node.place, f"environment variable '{name}' is not set")
        return environment.get(name, "")

    return _REFERENCE.sub(value_of, text)
