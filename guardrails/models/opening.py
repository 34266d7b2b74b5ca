"""Opens a model: verified, loaded, warm, and looked after."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from guardrails.core.errors import ModelError
from guardrails.models.image_classifier import OnnxImageClassifier
from guardrails.models.image_embedder import OnnxImageEmbedder
from guardrails.models.language_model import OnnxLanguageModel
from guardrails.models.manifest import TOKENIZER, WEIGHTS, Manifest
from guardrails.models.model import Task
from guardrails.models.net import OpenModel
from guardrails.models.object_detector import OnnxObjectDetector
from guardrails.models.recovery import Care, timed
from guardrails.models.session import Hardware, OnnxSession, Renewable, Session
from guardrails.models.text_classifier import OnnxTextClassifier
from guardrails.models.token_classifier import OnnxTokenClassifier
from guardrails.models.tokenizer import FileTokenizer
from guardrails.models.verifying import verified
from guardrails.models.watch import Watch

AnyModel: TypeAlias = (
    OnnxTextClassifier
    | OnnxTokenClassifier
    | OnnxImageClassifier
    | OnnxObjectDetector
    | OnnxImageEmbedder
    | OnnxLanguageModel
)


_OF_TEXTS: Mapping[Task, type[OnnxTextClassifier | OnnxTokenClassifier | OnnxLanguageModel]] = {
    Task.TEXT_CLASSIFICATION: OnnxTextClassifier,
    Task.TOKEN_CLASSIFICATION: OnnxTokenClassifier,
    Task.LANGUAGE_MODEL: OnnxLanguageModel,
}


def opened(manifest: Manifest, hardware: Hardware, watch: Watch) -> AnyModel:
    """Open a model; a net that hangs or fails is opened anew, from files verified again.

    Raises:
        ModelError: its files were altered, or it will not run.
    """
    session, opening = timed(lambda: Renewable(lambda: _net(manifest, hardware)))
    model = _built(manifest, session, hardware.workers)
    try:
        _, running = timed(model.warm)
    except Exception as error:  # onnxruntime's errors share no other base
        model.close()
        raise ModelError(f"model '{manifest.name}': it will not run: {error}") from error
    if isinstance(model, OpenModel):  # others have no threads that could hang
        renew = _renewal(session, model)
        care = Care(renew, model.warm, hardware.patience, opening, running)
        model.keep_well(care, watch)
    return model


def _renewal(session: Renewable, model: AnyModel) -> Callable[[], None]:
    def renew() -> None:
        session.renew()
        model.warm()

    return renew


def _net(manifest: Manifest, hardware: Hardware) -> OnnxSession:
    return OnnxSession(manifest.name, verified(manifest, WEIGHTS), hardware)


def _built(manifest: Manifest, session: Session, workers: int) -> AnyModel:
    files = {file: verified(manifest, file) for file in manifest.files if file != WEIGHTS}
    if manifest.image is not None and manifest.task is Task.IMAGE_EMBEDDING:
        return OnnxImageEmbedder(manifest, manifest.image, session)
    if manifest.image is not None:
        detects = manifest.task is Task.OBJECT_DETECTION
        picture = OnnxObjectDetector if detects else OnnxImageClassifier
        return picture(manifest, manifest.image, session, workers=workers)
    assert manifest.text is not None  # noqa: S101  # the manifest has one of the two
    tokenizer = FileTokenizer(manifest.name, files[TOKENIZER])
    return _OF_TEXTS[manifest.task](manifest, manifest.text, session, tokenizer, workers=workers)
