import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo import MongoClient

from core.admin.__main__ import main

PASSWORD = "nine purple kettles"
Run = Callable[..., int]


@pytest.fixture
def run(mongo_uri: str, worker_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an empty database of its own, with a text on standard input."""
    name = f"admin_{worker_id}"
    with MongoClient[dict[str, object]](mongo_uri) as client:
        client.drop_database(name)
    monkeypatch.setenv("PROMPTHUB_MONGO__URI", mongo_uri)
    monkeypatch.setenv("PROMPTHUB_MONGO__DATABASE", name)
    monkeypatch.setenv("PROMPTHUB_DATA_DIR", str(tmp_path / "data"))

    def run_command(*arguments: str, text: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return main(arguments)

    return run_command


@pytest.fixture
def owner(run: Run) -> str:
    email = "owner@example.test"
    assert run("create-user", email, "--password-stdin", text=f"{PASSWORD}\n") == 0
    return email


def a_file(path: Path, *contents: str) -> str:
    rows = [
        {"id": f"x-{number}", "name": f"Prompt {number}", "content": content, "kind": "made-up"}
        for number, content in enumerate(contents)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    return str(path)


def test_the_first_account_is_superuser_and_its_password_can_be_reset(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    email = "first@example.test"

    assert run("create-user", email, "--password-stdin", text=f"{PASSWORD}\n") == 0
    created = capsys.readouterr().out
    assert run("reset-password", email, "--password-stdin", text="six yellow ladders\n") == 0

    assert created == f"{email} has an account and is superuser.\n"
    assert "signed out everywhere" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text", "complaint"),
    [
        (("create-user", "owner@example.test", "--password-stdin"), PASSWORD, "exists already"),
        (("create-user", "no address", "--password-stdin"), PASSWORD, "no email address"),
        (("create-user", "two@example.test", "--password-stdin"), "short", "12 to 256"),
        (("create-user", "two@example.test"), "", "--password-stdin"),
        (("reset-password", "two@example.test", "--password-stdin"), PASSWORD, "no account"),
        (("import-prompts", "absent.jsonl", "--application", "default"), "", "cannot be read"),
        (("restore", "absent.backup"), "", "cannot be read"),
        (("backup", "/absent/folder/file"), "", "cannot be written"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_and_fails(
    run: Run,
    owner: str,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    text: str,
    complaint: str,
) -> None:
    assert owner
    assert run(*arguments, text=text) == 1

    told = capsys.readouterr().err
    assert complaint in told
    assert "Traceback" not in told


@pytest.mark.usefixtures("owner")
def test_an_import_can_be_repeated_and_keeps_foreign_syntax_to_the_letter(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(
        tmp_path / "some.jsonl", "Be brief.", "Greet {{ name }}.", "{{ not: jinja }}\u2028"
    )

    assert run("import-prompts", file, "--application", "default") == 0
    first = capsys.readouterr().out
    assert run("import-prompts", file, "--application", "default") == 0
    second = capsys.readouterr().out

    assert "3 of 3" in first
    assert "3 new, 0 with a new version, 0 unchanged; 1 of them kept as plain text" in first
    assert "0 new, 0 with a new version, 3 unchanged" in second


@pytest.mark.usefixtures("owner")
def test_an_import_makes_prompts_ready_for_search_by_meaning_on_request(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path / "some.jsonl", "Be brief.", "Greet {{ name }}.")

    assert run("import-prompts", file, "--application", "default", "--embed") == 0

    said = capsys.readouterr()
    assert said.out.index("2 of 2") < said.out.index("ready for search by meaning")
    assert said.out.count("2 of 2") == 2
    assert said.err == ""


@pytest.mark.usefixtures("owner")
def test_an_import_with_a_bad_line_names_it_and_brings_in_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path / "some.jsonl", "Be brief.")
    with Path(file).open("a") as lines:
        lines.write('\n{"id": "y", "name": "Y"}\n')

    assert run("import-prompts", file, "--application", "default") == 1

    assert "Line 2" in capsys.readouterr().err
    a_file(Path(file), "Be brief.")
    assert run("import-prompts", file, "--application", "default") == 0
    assert "1 new" in capsys.readouterr().out


@pytest.mark.usefixtures("owner")
def test_an_export_is_brought_in_again_and_says_what_it_would_do(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, file = a_file(tmp_path / "some.jsonl", "Be brief."), str(tmp_path / "all.json")
    assert run("import-prompts", lines, "--application", "default") == 0
    assert run("export-prompts", file, "--application", "default") == 0
    exported = Path(file).read_text()
    bring_in = ("import-prompts", file, "--application", "default")

    assert run(*bring_in, "--dry-run") == 0
    assert "1 unchanged, 0 refused; nothing was stored" in capsys.readouterr().out
    Path(file).write_text(exported.replace("Be brief.", "Be long."))
    assert run(*bring_in) == 1
    assert "changed after the file was written" in capsys.readouterr().err
    Path(file).write_text(exported.replace('"x-0"', '"y-0"'))
    assert run(*bring_in) == 0
    assert "1 created" in capsys.readouterr().out


@pytest.mark.usefixtures("owner")
def test_a_backup_is_restored_over_what_there_is_only_on_demand(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "all.backup")

    assert run("backup", file) == 0
    assert run("restore", file) == 1
    assert "not empty" in capsys.readouterr().err
    assert run("restore", file, "--replace") == 0


def test_the_status_of_ones_own_server_is_told_and_stop_leaves_it(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("mongo-status") == 0
    assert run("mongo-stop") == 0

    told = capsys.readouterr().out
    assert "answers" in told
    assert "yours to stop" in told


def test_the_status_of_an_embedded_server_does_not_start_it(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMPTHUB_MONGO__URI")

    assert run("mongo-status") == 0
    assert run("mongo-stop") == 0

    told = capsys.readouterr().out
    assert "not running" in told
    assert "No embedded MongoDB was running" in told
    assert not Path(os.environ["PROMPTHUB_DATA_DIR"]).exists()


def test_a_setting_that_is_wrong_is_named_without_its_value(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTHUB_MONGO__PORT", "hush-hush")

    assert run("mongo-status") == 1

    told = capsys.readouterr().err
    assert "PROMPTHUB_MONGO__PORT" in told
    assert "hush-hush" not in told


def test_the_key_of_connections_is_renewed(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "data" / "secrets" / "connection-key"

    assert run("rotate-connection-key") == 0
    first = file.read_text()
    assert run("rotate-connection-key") == 0

    assert "0 provider keys" in capsys.readouterr().out
    assert len(first) == len(file.read_text()) == 64
    assert file.read_text() != first
