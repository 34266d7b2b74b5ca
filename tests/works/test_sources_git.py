"""What is taken from git: what its newest commit holds, whose it is, and under which licence."""

import subprocess

import pytest

from guardrails.works.library import Original
from guardrails.works.sources.checkouts import place_of
from guardrails.works.sources.git import GitSource
from guardrails.works.sources.licensed import Licences
from guardrails.works.sources.opening import open_source
from guardrails.works.sources.source import Broken, PassedOver, SourceError, Terms
from guardrails.works.work import Kind

APACHE = "# SPDX-License-Identifier: Apache-2.0\n"
MIT = """\
MIT License

Copyright (c) 2024 Ada

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@pytest.fixture
def git(tmp_path, monkeypatch):
    """Runs git in a new repository, whatever the settings of this machine are."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada Lovelace")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def run(*words):
        command = ["git", "-C", str(folder), *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # fixed words
        return done.stdout.strip()

    run.folder = folder
    run("init", "-q")
    return run


def commit(git, files):
    for name, content in files.items():
        path = git.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git("add", "-A")
    git("commit", "-q", "-m", "more")
    return git("rev-parse", "HEAD")[:12]


def works(source):
    return {item.work.id: item.work for item in source.read() if isinstance(item, Original)}


def test_only_what_is_committed_is_taken_as_it_was_committed(git):
    at = commit(git, {"a.py": "one = 1\n", "sub dir/ü.py": "two = 2\n"})
    (git.folder / "a.py").write_text("changed = 1\n")
    (git.folder / "new.py").write_text("untracked = 1\n")
    source = open_source(git.folder, Terms(kind=Kind.CODE))
    items = {item.work.title: item for item in source.read()}

    assert isinstance(source, GitSource)
    assert source.count() == 2
    assert {name: item.content for name, item in items.items()} == {
        "a.py": "one = 1\n",
        "sub dir/ü.py": "two = 2\n",
    }
    assert items["sub dir/ü.py"].work.id == "tools/sub dir/ü.py"
    assert items["sub dir/ü.py"].work.source == f"tools@{at}/sub dir/ü.py"


def test_the_owner_is_who_has_it_at_its_remote_or_who_wrote_it(git):
    commit(git, {"a.py": "one = 1\n"})
    (nobody,) = works(GitSource(git.folder)).values()
    git("remote", "add", "origin", "https://key:secret@git.example.org/analytic/engine.git")
    (known,) = works(GitSource(git.folder)).values()
    (named,) = works(GitSource(git.folder, Terms(owner="Charles"))).values()

    assert nobody.owner == "Ada Lovelace"
    assert (known.id, known.owner) == ("analytic/engine/a.py", "analytic")
    assert known.source.startswith("git.example.org/analytic/engine@")
    assert "secret" not in known.source
    assert named.owner == "Charles"


def test_a_file_has_the_licence_that_it_says_or_the_nearest_above_it(git):
    files = {
        "LICENSE": MIT,
        "a.py": "one = 1\n",
        "b.py": f"{APACHE}two = 2\n",
        "vendor/x/COPYING": APACHE,
        "vendor/x/y/c.py": "three = 3\n",
        "web/package.json": '{"license": "ISC"}',
        "web/LICENSE": MIT,
        "web/d.js": "let four = 4\n",
    }
    commit(git, files)
    found = {work.title: work.licence for work in works(GitSource(git.folder)).values()}

    assert found == {
        "a.py": "MIT",
        "b.py": "Apache-2.0",
        "vendor/x/y/c.py": "Apache-2.0",
        "web/package.json": "ISC",
        "web/d.js": "ISC",
    }


@pytest.mark.parametrize(
    ("names", "licence"),
    [
        (["LICENSE"], "MIT"),
        (["LICENSE-MIT", "LICENSE-APACHE"], "MIT OR Apache-2.0"),
        (["LICENSE", "COPYING"], "MIT AND Apache-2.0"),
    ],
)
def test_licences_beside_each_other_are_a_choice_when_they_are_called_so(names, licence):
    texts = dict(zip(names, (MIT.encode(), APACHE.encode()), strict=False))
    assert set(Licences.read(texts).of("src/a.py").split()) == set(licence.split())


def test_links_other_repositories_and_licences_are_no_works(git):
    commit(git, {"LICENSE": MIT, "a.py": "one = 1\n"})
    (git.folder / "link.py").symlink_to("a.py")
    git("add", "-A")
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},other")
    git("commit", "-q", "-m", "more")
    passed = {str(item) for item in GitSource(git.folder).read() if isinstance(item, PassedOver)}

    assert passed == {
        f"{git.folder}/LICENSE: is the text of a licence",
        f"{git.folder}/link.py: is a link or another repository",
        f"{git.folder}/other: is a link or another repository",
    }


def test_a_repository_without_files_is_read_alike(git, tmp_path):
    commit(git, {"a.py": "one = 1\n"})
    git("clone", "-q", "--bare", ".", str(tmp_path / "tools.git"))
    source = open_source(tmp_path / "tools.git", Terms())

    assert list(works(source)) == ["tools/a.py"]


def test_a_file_that_was_not_fetched_is_told_of(git):
    commit(git, {"a.py": "one = 1\n"})
    name = git("rev-parse", "HEAD:a.py")
    (git.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()
    (item,) = GitSource(git.folder).read()

    assert item == Broken(
        f"{git.folder}/a.py", "is not in this repository, fetch it with git first"
    )


def test_a_repository_without_a_commit_says_so(git):
    with pytest.raises(SourceError, match=f"'{git.folder}': git cannot read it"):
        list(GitSource(git.folder).read())


def test_a_machine_without_git_says_what_to_install(git, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError) as caught:
        GitSource(git.folder).count()
    assert str(caught.value) == (f"'{git.folder}' is a git checkout, install git to import it")


def test_a_folder_is_read_by_its_own_repository_whatever_the_environment_says(git, monkeypatch):
    commit(git, {"a.py": "one = 1\n"})
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert list(works(GitSource(git.folder))) == ["tools/a.py"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/ada/engine.git", "github.com/ada/engine"),
        ("https://user:key@git.example.org:8443/a/b/c", "git.example.org/a/b/c"),
        ("git@github.com:ada/engine.git", "github.com/ada/engine"),
        ("ssh://git@git.example.org:22/ada/engine/", "git.example.org/ada/engine"),
        ("/home/ada/engine", ""),
        ("../engine", ""),
        ("file:///home/ada/engine", ""),
    ],
)
def test_a_remote_is_told_without_users_keys_and_folders(url, place):
    assert place_of(url) == place
