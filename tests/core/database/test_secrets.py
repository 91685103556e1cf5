import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.database.secrets import load_secret
from core.errors import NotConfigured

ASK = """
import sys, pathlib
from core.database.secrets import load_secret
sys.stdin.read()
print(load_secret(pathlib.Path(sys.argv[1]), "token-key").get_secret_value())
"""


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = load_secret(tmp_path, "token-key", length_bytes=48)

    again = load_secret(tmp_path, "token-key")

    file = tmp_path / "secrets" / "token-key"
    assert first.get_secret_value() == again.get_secret_value()
    assert len(first.get_secret_value()) == 96
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_processes_asking_at_the_same_moment_get_the_same_secret(tmp_path: Path) -> None:
    askers = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]

    for asker in askers:
        assert asker.stdin is not None
        asker.stdin.close()
        asker.stdin = None
    answers = {asker.communicate(timeout=60)[0] for asker in askers}

    assert answers == {f"{load_secret(tmp_path, 'token-key').get_secret_value()}\n"}


@pytest.mark.parametrize("content", ["", "0123456789abcdef"])
def test_a_damaged_secret_is_refused_and_not_replaced(tmp_path: Path, content: str) -> None:
    load_secret(tmp_path, "token-key")
    file = tmp_path / "secrets" / "token-key"
    file.write_text(content)

    with pytest.raises(NotConfigured):
        load_secret(tmp_path, "token-key")

    assert file.read_text() == content


def test_a_data_folder_that_cannot_be_made_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(NotConfigured) as caught:
        load_secret(tmp_path / "file" / "data", "token-key")

    assert caught.value.setting == "PROMPTHUB_DATA_DIR"
