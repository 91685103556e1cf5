import pytest

from tests.core.admin.test_commands import Run, owner, run

__all__ = ["owner", "run"]


def test_figures_are_counted_again_with_progress(
    run: Run, owner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del owner

    assert run("rebuild-rollups", "2026-11-01", "2026-11-03T12:00+02:00") == 0

    told = capsys.readouterr().out
    assert "3 of 3" in told
    assert "from 2026-11-01 00:00 to 2026-11-03 10:00 UTC" in told


def test_a_span_that_is_none_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rebuild-rollups", "2026-11-03", "2026-11-03") == 1
    assert "ends before it starts" in capsys.readouterr().err
    for words in (
        ("rebuild-rollups", "yesterday", "2026-11-03"),
        ("erase-execution", "1"),
    ):
        with pytest.raises(SystemExit):
            run(*words)
        assert capsys.readouterr().err


def test_people_and_runs_are_erased_by_name(
    run: Run, owner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("erase-user", owner) == 0
    assert "the words of 0 executions and 0 ratings" in capsys.readouterr().out

    assert run("erase-user", "nobody@example.test") == 1
    assert run("erase-execution", "65f0c0ffee65f0c0ffee65f0") == 1
    assert "65f0c0ffee65f0c0ffee65f0" in capsys.readouterr().err
