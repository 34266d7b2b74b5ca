"""What whoever starts a server is told."""

import socket

import pytest

from guardrails.cli.ready import ready


@pytest.mark.parametrize("name", ["{folder}/notify", "@{folder}/notify"])
def test_systemd_is_told_when_all_is_warm(name, tmp_path, monkeypatch, capsys):
    name = name.format(folder=tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(name.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        ready("127.0.0.1:1")
        supervisor.settimeout(5)

        assert supervisor.recv(100).splitlines()[0] == b"READY=1"
    assert capsys.readouterr().out == "serving on 127.0.0.1:1\n"


@pytest.mark.parametrize("name", ["", "/nowhere/at/all", "@nobody-listens"])
def test_nobody_to_tell_is_no_failure(name, monkeypatch, capsys):
    monkeypatch.setenv("NOTIFY_SOCKET", name)

    ready("unix:s")

    assert capsys.readouterr().out == "serving on unix:s\n"
