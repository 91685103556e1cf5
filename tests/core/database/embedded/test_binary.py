import os
from pathlib import Path

import pytest

from core.database.embedded.binary import find_mongod
from core.errors import NotConfigured


def a_program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def loader_error(library: str) -> str:
    return (
        f"echo 'mongod: error while loading shared libraries: {library}: "
        "cannot open shared object file: No such file or directory' >&2; exit 127"
    )


def test_the_configured_server_comes_before_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = a_program(tmp_path / "mine", "echo 'db version v8.0.1'")
    a_program(tmp_path / "mongod", "echo 'db version v7.0.9'")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")

    assert find_mongod(configured) == (configured, "8.0.1")
    assert find_mongod(None) == (tmp_path / "mongod", "7.0.9")


def test_ctrl_c_does_not_reach_a_server_that_is_asked_for_its_version(tmp_path: Path) -> None:
    session = "cut -d ' ' -f 6 /proc/$$/stat"
    told = a_program(tmp_path / "mongod", f'echo "db version v$({session})"')

    assert find_mongod(told).version != str(os.getsid(0))


def test_the_wheel_is_used_where_path_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert find_mongod(None).version == "6.0.5"


@pytest.mark.parametrize(
    ("script", "reason", "remedy"),
    [
        (loader_error("libcurl.so.4"), "libcurl.so.4 is missing", "apt-get install libcurl4"),
        (loader_error("libssl.so.3"), "libssl.so.3 is missing", "apt-get install libssl3"),
        (loader_error("libodd.so.9"), "libodd.so.9 is missing", "libodd.so.9"),
        ("kill -ILL $$", "AVX", "newer machine"),
        ("echo 'db of another kind'", "not a MongoDB server", "Name a mongod"),
        ("echo 'disk on fire' >&2; exit 3", "disk on fire", "Mend it"),
    ],
)
def test_a_server_that_cannot_run_is_explained_with_the_way_out(
    tmp_path: Path, script: str, reason: str, remedy: str
) -> None:
    broken = a_program(tmp_path / "mongod", script)

    with pytest.raises(NotConfigured) as caught:
        find_mongod(broken)

    assert reason in caught.value.message
    assert remedy in caught.value.remedy
    assert "PROMPTHUB_MONGO__URI" in caught.value.remedy


def test_a_path_without_a_program_names_its_setting(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="no such file") as caught:
        find_mongod(tmp_path / "absent")

    assert caught.value.setting == "PROMPTHUB_MONGO__MONGOD"


def test_a_program_without_its_loader_is_told_from_an_absent_one(tmp_path: Path) -> None:
    foreign = tmp_path / "mongod"
    foreign.write_text("#!/lib/ld-of-another-system.so\n")
    foreign.chmod(0o755)

    with pytest.raises(NotConfigured, match="glibc"):
        find_mongod(foreign)


def test_a_file_that_may_not_be_run_says_how_to_allow_it(tmp_path: Path) -> None:
    plain = tmp_path / "mongod"
    plain.write_text("")

    with pytest.raises(NotConfigured) as caught:
        find_mongod(plain)

    assert f"chmod +x {plain}" in caught.value.remedy
