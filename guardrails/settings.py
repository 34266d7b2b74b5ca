"""What stands under `with:` in a policy: one strict model for each check and mark."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """The settings of one check or mark: unknown names are errors, values are frozen."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        validate_default=True,
        use_attribute_docstrings=True,
    )
