"""Reading the settings: what is wrong is named, and never quoted."""

import pytest

from core.errors import NotConfigured
from core.settings import read_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [("PROMPTHUB_MONGO__URL", "mongodb://ada:hunter2@db/"), ("PROMPTHUB_SERVER__PORT", "hunter2")],
)
def test_a_wrong_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(NotConfigured, match=name) as refused:
        read_settings()

    assert refused.value.setting == name
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__
