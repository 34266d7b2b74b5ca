"""Models that are had for a time: the last one who has a model closes it."""

import shutil
import threading

import pytest

from guardrails.core.errors import ModelError
from guardrails.models.store import SHIPPED, ModelStore


@pytest.fixture
def root(tmp_path):
    shutil.copytree(SHIPPED / "rampart", tmp_path / "rampart")
    return tmp_path


def change(root):
    manifest = root / "rampart" / "manifest.toml"
    manifest.write_text(manifest.read_text() + "\n# changed\n")


BEFORE: set[threading.Thread] = set()
"""Threads of models that other tests have open."""


@pytest.fixture(autouse=True)
def others():
    BEFORE.clear()
    BEFORE.update(threading.enumerate())


def running():
    started = set(threading.enumerate()) - BEFORE
    return sum(one.name.startswith("model-rampart") for one in started)


def test_leases_share_a_model_until_the_last_is_closed(root):
    with ModelStore([root]) as store:
        first, second = store.lease(), store.lease()
        assert first.open("rampart") is first.open("rampart") is second.open("rampart")
        first.close()
        first.close()  # again does nothing
        assert running() == 1
        second.close()
        assert running() == 0


async def test_a_changed_model_is_opened_beside_the_one_that_others_have(root):
    with ModelStore([root]) as store:
        before = store.lease()
        old = before.open("rampart")
        change(root)
        after = store.lease()
        new = after.open("rampart")
        assert old.sha256 != new.sha256
        assert before.open("rampart") is old
        assert running() == 2
        before.close()
        assert await new.tag("Jane Doe lives here")
        with pytest.raises(ModelError, match="it was closed"):
            await old.tag("Jane Doe lives here")


async def test_what_was_opened_for_good_stays_open(root):
    with ModelStore([root]) as store:
        kept = store.open("rampart")
        lease = store.lease()
        lease.open("rampart")
        lease.close()
        change(root)
        assert store.open("rampart") is kept
        assert await kept.tag("Jane Doe lives here")


def test_a_model_that_will_not_open_is_not_kept(root):
    with ModelStore([root]) as store:
        (root / "rampart" / "model.onnx").write_bytes(b"none")
        lease = store.lease()
        with pytest.raises(ModelError, match="was altered"):
            lease.open("rampart")
        shutil.copy(SHIPPED / "rampart" / "model.onnx", root / "rampart")
        assert lease.open("rampart")
        lease.close()
        assert running() == 0


def test_a_lease_outlives_its_store_without_harm(root):
    with ModelStore([root]) as store:
        lease = store.lease()
        lease.open("rampart")
    lease.close()
    with pytest.raises(ModelError, match="the store was closed"):
        lease.open("rampart")


def test_the_files_of_all_roots_are_known(root):
    with ModelStore([root]) as store:
        names = {path.name for path in store.files()}

    assert {"manifest.toml", "model.onnx", "tokenizer.json"} <= names
