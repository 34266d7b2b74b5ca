"""Models as settings of checks: named in YAML, opened when the policy is loaded.

Validate with ``context={"models": models}``.
"""

from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from guardrails.core.errors import ModelError
from guardrails.models.model import (
    ImageClassifier,
    ImageEmbedder,
    LanguageModel,
    Model,
    ObjectDetector,
    Task,
    TextClassifier,
    TokenClassifier,
)


def _opened(task: Task) -> PlainValidator:
    def open_by_name(value: Any, info: ValidationInfo) -> Any:
        if hasattr(value, "labels"):
            return value
        if not isinstance(value, str):
            raise ValueError("a model is needed here, by its name")  # noqa: TRY004  # for pydantic
        if not info.context:
            raise ValueError("a model is named, but there is no store to open it from")
        try:
            model: Model = info.context["models"].open(value)
        except ModelError as error:
            raise ValueError(str(error)) from error
        if model.task is not task:
            raise ValueError(f"model '{value}' does {model.task}, this check needs {task}")
        return model

    return PlainValidator(open_by_name)


def must_give(model: Model, label: str) -> None:
    """Hold a model to the one label that a check asks it for.

    Raises:
        ValueError: it does not give it.
    """
    if label not in model.labels:
        raise ValueError(
            f"model '{model.name}' has no label '{label}', it has {', '.join(model.labels)}"
        )


_NAME = WithJsonSchema({"type": "string", "description": "name of a model"})

TextModel = Annotated[TextClassifier, _opened(Task.TEXT_CLASSIFICATION), _NAME]
TokenModel = Annotated[TokenClassifier, _opened(Task.TOKEN_CLASSIFICATION), _NAME]
DetectionModel = Annotated[ObjectDetector, _opened(Task.OBJECT_DETECTION), _NAME]
EmbeddingModel = Annotated[ImageEmbedder, _opened(Task.IMAGE_EMBEDDING), _NAME]
LanguageModelAt = Annotated[LanguageModel, _opened(Task.LANGUAGE_MODEL), _NAME]
ImageModel = Annotated[ImageClassifier, _opened(Task.IMAGE_CLASSIFICATION), _NAME]
