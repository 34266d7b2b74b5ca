"""Where models come from: folders, verified file by file, opened once and kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self, TypeAlias

from guardrails.core.errors import ModelError
from guardrails.models.image_classifier import OnnxImageClassifier
from guardrails.models.image_embedder import OnnxImageEmbedder
from guardrails.models.language_model import OnnxLanguageModel
from guardrails.models.manifest import MANIFEST, TOKENIZER, WEIGHTS, Manifest, read
from guardrails.models.model import Model, Task
from guardrails.models.object_detector import OnnxObjectDetector
from guardrails.models.session import Hardware, OnnxSession
from guardrails.models.text_classifier import OnnxTextClassifier
from guardrails.models.token_classifier import OnnxTokenClassifier
from guardrails.models.tokenizer import FileTokenizer

SHIPPED = Path(__file__).parent / "zoo"

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


class State(StrEnum):
    """What became of a file since its hash was taken."""

    OK = "ok"
    ALTERED = "altered"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verified:
    """One file of a model, as it was found."""

    file: str
    state: State


def folders(roots: Iterable[Path]) -> dict[str, Path]:
    """Find every model: name to folder. The roots come first to last, then what ships."""
    found: dict[str, Path] = {}
    for root in (*roots, SHIPPED):
        for manifest in sorted(root.glob(f"*/{MANIFEST}")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return dict(sorted(found.items()))


def manifests(roots: Iterable[Path] = ()) -> tuple[Manifest, ...]:
    """Read every model's manifest.

    Raises:
        ModelError: one of them is wrong.
    """
    return tuple(map(read, folders(roots).values()))


def verify(manifest: Manifest) -> tuple[Verified, ...]:
    """Hash every file of a model."""
    return tuple(Verified(file, _look(manifest, file)[0]) for file in manifest.files)


class ModelStore:
    """Opens models by name, each once: verified, loaded, warm. Safe to use from many threads.

    ``roots`` are directories of model folders that are looked through before what ships.
    """

    def __init__(self, roots: Sequence[Path] = (), hardware: Hardware | None = None) -> None:
        self._roots = tuple(roots)
        self._hardware = hardware or Hardware()
        self._opened: dict[str, AnyModel] = {}
        self._closed = False
        self._opening = Lock()

    def open(self, name: str) -> Model:
        """Give the open model of that name, the same one each time.

        Raises:
            ModelError: there is none, its files were altered, or it will not run.
        """
        with self._opening:
            if self._closed:
                raise ModelError(f"model '{name}': the store was closed")
            if name not in self._opened:
                self._opened[name] = self._open(name)
            return self._opened[name]

    def close(self) -> None:
        """Close every model: what waits for one fails."""
        with self._opening:
            self._closed = True
            for model in self._opened.values():
                model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, name: str) -> AnyModel:
        manifest = read(self._folder(name))
        model = _built(manifest, self._hardware)
        try:
            model.warm()
        except Exception as error:  # onnxruntime's errors share no other base
            model.close()
            raise ModelError(f"model '{name}': it will not run: {error}") from error
        return model

    def _folder(self, name: str) -> Path:
        there = folders(self._roots)
        if name in there:
            return there[name]
        close = get_close_matches(name, there, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(there)}"
        raise ModelError(f"unknown model '{name}', {hint}")


def _built(manifest: Manifest, hardware: Hardware) -> AnyModel:
    files = {file: _verified(manifest, file) for file in manifest.files}
    session = OnnxSession(manifest.name, files[WEIGHTS], hardware)
    workers = hardware.workers
    if manifest.image is not None and manifest.task is Task.IMAGE_EMBEDDING:
        return OnnxImageEmbedder(manifest, manifest.image, session)
    if manifest.image is not None:
        detects = manifest.task is Task.OBJECT_DETECTION
        picture = OnnxObjectDetector if detects else OnnxImageClassifier
        return picture(manifest, manifest.image, session, workers=workers)
    assert manifest.text is not None  # noqa: S101  # the manifest has one of the two
    tokenizer = FileTokenizer(manifest.name, files[TOKENIZER])
    return _OF_TEXTS[manifest.task](manifest, manifest.text, session, tokenizer, workers=workers)


def _verified(manifest: Manifest, file: str) -> bytes:
    state, content = _look(manifest, file)
    if state is State.OK:
        return content
    found = "is missing" if state is State.MISSING else "was altered"
    raise ModelError(
        f"model '{manifest.name}': {manifest.folder / file} {found}, put the original back"
    )


def _look(manifest: Manifest, file: str) -> tuple[State, bytes]:
    try:
        content = (manifest.folder / file).read_bytes()
    except OSError:
        return State.MISSING, b""
    same = sha256(content).hexdigest() == manifest.files[file].sha256
    return (State.OK if same else State.ALTERED), content
