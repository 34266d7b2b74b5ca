import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from guardrails.core.errors import ModelError
from guardrails.models.model import Task
from guardrails.models.session import Device, Hardware
from guardrails.models.store import SHIPPED, ModelStore, manifests
from guardrails.models.verifying import State, verify


@pytest.fixture
def root(tmp_path):
    """A directory with an own copy of the smaller model."""
    shutil.copytree(SHIPPED / "rampart", tmp_path / "rampart")
    return tmp_path


def test_a_model_is_opened_once_for_all_threads():
    with ModelStore() as store, ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(store.open, ["opennsfw"] * 8))
    assert len({id(model) for model in opened}) == 1


def test_an_open_model_says_who_it_is(models):
    rampart = models.open("rampart")
    assert (rampart.name, rampart.task) == ("rampart", Task.TOKEN_CLASSIFICATION)
    assert "GIVEN_NAME" in rampart.labels
    assert "O" not in rampart.labels
    assert rampart.sha256 == next(one.digest for one in manifests() if one.name == "rampart")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rampard", "unknown model 'rampard', did you mean 'rampart'?"),
        ("zzz", "unknown model 'zzz', there are opennsfw, pii_ner, rampart, text_guard, yunet"),
        ("../zoo/rampart", "unknown model '../zoo/rampart', did you mean 'rampart'?"),
        ("", "unknown model '', there are opennsfw, pii_ner, rampart, text_guard, yunet"),
    ],
)
def test_an_unknown_model_is_an_error_with_a_way_out(models, name, message):
    with pytest.raises(ModelError) as caught:
        models.open(name)
    assert str(caught.value) == message


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json", "LICENSE"])
def test_an_altered_file_is_an_error_that_names_it(root, file):
    with (root / "rampart" / file).open("ab") as opened:
        opened.write(b" ")
    with ModelStore([root]) as store, pytest.raises(ModelError) as caught:
        store.open("rampart")
    path = root / "rampart" / file
    assert str(caught.value) == f"model 'rampart': {path} was altered, put the original back"


def test_a_missing_file_is_an_error_that_names_it(root):
    (root / "rampart" / "model.onnx").unlink()
    with ModelStore([root]) as store, pytest.raises(ModelError) as caught:
        store.open("rampart")
    path = root / "rampart" / "model.onnx"
    assert str(caught.value) == f"model 'rampart': {path} is missing, put the original back"


def test_a_model_that_failed_can_be_opened_once_it_is_mended(root):
    weights = root / "rampart" / "model.onnx"
    good = weights.read_bytes()
    with ModelStore([root]) as store:
        weights.write_bytes(b"no net")
        with pytest.raises(ModelError, match="was altered"):
            store.open("rampart")
        weights.write_bytes(good)
        assert store.open("rampart").name == "rampart"


def test_own_models_come_before_those_that_ship(root):
    manifest = root / "rampart" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("window = 128", "window = 64"))
    with ModelStore([root]) as own, ModelStore() as shipped:
        assert own.open("rampart").sha256 != shipped.open("rampart").sha256


def test_a_device_that_is_not_there_is_an_error_not_a_fallback():
    with ModelStore(hardware=Hardware(Device.CUDA)) as store, pytest.raises(ModelError) as caught:
        store.open("rampart")
    assert str(caught.value).startswith(
        "model 'rampart': device 'cuda' needs CUDAExecutionProvider, which this build of "
        "onnxruntime does not offer, it offers "
    )


async def test_a_closed_store_opens_nothing_and_its_models_answer_no_more():
    store = ModelStore()
    rampart = store.open("rampart")
    store.close()
    with pytest.raises(ModelError, match="model 'opennsfw': the store was closed"):
        store.open("opennsfw")
    with pytest.raises(ModelError, match="model 'rampart': it was closed"):
        await rampart.tag("Jane Doe")


def test_verify_says_what_became_of_each_file(root):
    (root / "rampart" / "NOTICE").unlink()
    (root / "rampart" / "LICENSE").write_text("do what you like")
    manifest = next(one for one in manifests([root]) if one.name == "rampart")
    assert {one.file: one.state for one in verify(manifest)} == {
        "model.onnx": State.OK,
        "tokenizer.json": State.OK,
        "LICENSE": State.ALTERED,
        "NOTICE": State.MISSING,
    }
