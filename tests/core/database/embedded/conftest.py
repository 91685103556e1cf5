from collections.abc import Generator
from pathlib import Path

import pytest

from core.database.embedded.folder import ServerFolder
from core.database.embedded.launch import terminate


@pytest.fixture
def data_dir(tmp_path: Path) -> Generator[Path]:
    """A data folder of its own; whatever server a failing test leaves there is ended."""
    folder = tmp_path / "data"
    yield folder
    terminate(ServerFolder.of(folder))
