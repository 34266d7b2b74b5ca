"""What an operator writes opens the store that is meant, or tells the way out."""

import subprocess
import sys

import pytest

from guardrails.works.store import WorksError
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.stores.opening import open_store


def test_memory_and_a_folder_are_told_apart(tmp_path):
    folder = open_store(str(tmp_path / "works"))

    assert isinstance(open_store("memory:"), MemoryStore)
    assert isinstance(folder, EmbeddedStore)
    assert (tmp_path / "works" / "works.sqlite").exists()
    folder.close()


def test_an_unknown_scheme_is_told_without_what_stands_behind_it():
    with pytest.raises(WorksError) as caught:
        open_store("mysql://me:secret@host/works")

    assert str(caught.value).startswith("works: no store at 'mysql://', give a folder or one of ")
    assert "'postgresql://'" in str(caught.value)
    assert "secret" not in str(caught.value)


WITHOUT = """
import sys
sys.modules["asyncpg"] = None
from guardrails.works.store import WorksError
from guardrails.works.stores.opening import open_store
try:
    open_store("postgresql://me:secret@host/works")
except WorksError as error:
    print(error)
"""


def test_a_missing_driver_is_told_with_what_to_install():
    told = subprocess.run([sys.executable, "-c", WITHOUT], stdout=-1, text=True, check=True)  # noqa: S603  # this Python, these lines

    assert told.stdout == (
        "works: 'postgresql://' needs the package 'asyncpg', install 'guardrails[postgres]'\n"
    )
