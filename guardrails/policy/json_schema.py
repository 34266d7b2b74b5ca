"""The JSON Schema of policies, settings of every check included, for editors.

``python -m guardrails.policy.json_schema > policies/policy.schema.json`` writes it anew.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from guardrails.checks.catalog import BUILTIN, Entry, load
from guardrails.policy.schema import PolicyDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """A key's own name is title enough."""

    def field_title_should_be_set(self, _: Any) -> bool:
        return False


def policy_schema(catalog: Mapping[str, Entry] = BUILTIN) -> Mapping[str, Any]:
    """The schema of one policy file (draft 2020-12)."""
    settings = {name: load(entry).Settings for name, entry in sorted(catalog.items())}
    models: list[type[BaseModel]] = [PolicyDocument, *settings.values()]
    references, shared = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Untitled
    )
    definitions = shared["$defs"]
    policy = definitions.pop("PolicyDocument")
    rule = definitions["Rule"]
    rule["anyOf"] = [{"required": ["check"]}, {"required": ["rule"]}]
    rule["properties"]["check"]["anyOf"] = [
        {"const": name, "description": entry.summary} for name, entry in sorted(catalog.items())
    ]
    rule["allOf"] = [
        _settings_of(name, references[model, "validation"]) for name, model in settings.items()
    ]
    return {"$schema": DIALECT, **policy, "$defs": definitions}


def _settings_of(check: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands under ``with`` when a rule runs this check."""
    return {
        "if": {"properties": {"check": {"const": check}}, "required": ["check"]},
        "then": {"properties": {"with": settings}},
    }


def main() -> None:
    """Write the schema to standard output."""
    json.dump(policy_schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
