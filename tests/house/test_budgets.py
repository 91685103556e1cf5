"""The budgets of the house: sizes, names, and words that stand for unfinished work."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
FORBIDDEN_NAMES = {
    "utils", "helpers", "common", "misc", "manager", "service", "services", "handler", "handlers",
    "constants", "types",
}  # fmt: skip
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|coming soon|not implemented)\b", re.IGNORECASE)
VENDORS = {
    "openai": "core/providers/openai.py",
    "jose": "core/accounts/tokens.py",
    "passlib": "core/accounts/passwords.py",
    "onnxruntime": "core/embeddings/onnx.py",
    "plotly": "streamlit_app/charts/base.py",
}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


PYTHON_FILES = tracked("*.py")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    assert len(PYTHON_FILES) > 50


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_a_file_keeps_its_budget(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name_of)
def test_functions_keep_their_budget(path: Path) -> None:
    too_long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]

    assert too_long == []


def test_every_page_of_the_menu_has_its_file() -> None:
    pages = (ROOT / "streamlit_app" / "navigation.py").read_text()

    named = re.findall(r'"(\w+\.py)"', pages)

    assert len(named) > 10
    assert [name for name in named if not (ROOT / "streamlit_app/app_pages" / name).exists()] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [name_of(path) for path in PYTHON_FILES if path.stem in FORBIDDEN_NAMES]

    assert named == []


def test_no_word_stands_for_unfinished_work() -> None:
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in tracked("core", "prompthub", "streamlit_app/*.py", "docs", "README.md")
        if path.suffix in {".py", ".md"}
        for match in UNFINISHED.finditer(path.read_text())
    ]

    assert found == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_imported_in_one_file(vendor: str) -> None:
    pattern = re.compile(rf"^\s*(import|from) {vendor}\b", re.MULTILINE)

    importers = [
        name_of(path)
        for path in tracked("core", "prompthub", "streamlit_app")
        if path.suffix == ".py" and pattern.search(path.read_text())
    ]

    assert importers == [VENDORS[vendor]]


def test_every_module_says_in_one_sentence_what_it_owns() -> None:
    silent = [
        name_of(path)
        for path in tracked("core", "prompthub", "streamlit_app")
        if path.suffix == ".py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_users_text_never_becomes_markup() -> None:
    found = [
        name_of(path)
        for path in tracked("streamlit_app")
        if path.suffix == ".py" and "unsafe_allow_html=True" in path.read_text()
    ]

    assert found == []
