import subprocess
import sys
from collections.abc import Mapping

import pytest

from core.errors import Invalid, NotConfigured
from core.providers.registry import WELL_KNOWN_MODELS, Registry
from core.settings import AnthropicSettings, OpenAISettings, ProviderSettings
from tests.fake_provider import running

KEY: Mapping[str, str] = {"OPENAI_API_KEY": "sk-test"}


def local(url: str, default_model: str = "") -> ProviderSettings:
    return ProviderSettings(openai=OpenAISettings(base_url=url), default_model=default_model)


def test_openai_without_a_key_says_what_to_set() -> None:
    registry = Registry.from_settings(ProviderSettings(), {})

    with pytest.raises(NotConfigured) as raised:
        registry.find("openai/gpt-4o-mini")

    assert raised.value.setting == "OPENAI_API_KEY"
    assert "OPENAI_API_KEY" in raised.value.remedy


def test_anthropic_is_set_up_by_its_key_or_another_address() -> None:
    elsewhere = ProviderSettings(anthropic=AnthropicSettings(base_url="http://127.0.0.1:1"))

    for registry in (
        Registry.from_settings(ProviderSettings(), {"ANTHROPIC_API_KEY": "sk-test"}),
        Registry.from_settings(elsewhere, {}),
    ):
        assert registry.find("anthropic/claude-haiku-4-5").connection.kind == "anthropic"
    with pytest.raises(NotConfigured) as raised:
        Registry.from_settings(ProviderSettings(), {}).find("anthropic/claude-haiku-4-5")
    assert raised.value.setting == "ANTHROPIC_API_KEY"


def test_what_the_environment_set_up_is_told_without_its_key() -> None:
    registry = Registry.from_settings(local("http://127.0.0.1:1/v1"), KEY)

    openai, demo = registry.own

    assert openai.origin == ("http://127.0.0.1:1/v1", "OPENAI_API_KEY", True)
    assert demo.origin is None


def test_a_local_server_needs_no_key() -> None:
    registry = Registry.from_settings(local("http://127.0.0.1:1/v1"), {})

    assert registry.find("openai/llama3").model == "llama3"


def test_a_model_is_split_at_the_first_slash() -> None:
    found = Registry.from_settings(ProviderSettings(), KEY).find("openai/org/model:7b")

    assert found.connection.name == "openai"
    assert found.model == "org/model:7b"


@pytest.mark.parametrize("model", ["gpt-4o-mini", "/x", "openai/", "", "nobody/x"])
def test_a_name_that_leads_nowhere_is_invalid(model: str) -> None:
    with pytest.raises(Invalid) as raised:
        Registry.from_settings(ProviderSettings(), KEY).find(model)

    assert raised.value.field == "model"
    assert raised.value.remedy


async def test_the_picker_offers_what_the_server_lists_and_asks_it_once() -> None:
    with running() as fake:
        registry = Registry.from_settings(local(fake.url, "openai/gpt-4o"), {})

        first = await registry.models()
        second = await registry.models()

        assert [choice.name for choice in first] == [
            "openai/gpt-4o",
            "openai/gpt-4o-mini",
            "openai/slow",
            "demo/echo",
        ]
        assert first == second
        assert len(fake.requests) == 1
        await registry.close()


async def test_the_picker_falls_back_to_known_names_when_the_server_does_not_tell() -> None:
    with running() as fake:
        fake.is_listing = False
        registry = Registry.from_settings(local(fake.url), {})

        names = [choice.name for choice in await registry.models()]

        assert names == [*(f"openai/{name}" for name in WELL_KNOWN_MODELS), "demo/echo"]
        await registry.close()


async def test_without_a_key_the_labelled_demo_is_offered_alone() -> None:
    (choice,) = await Registry.from_settings(ProviderSettings(), {}).models()

    assert choice.name == "demo/echo"
    assert choice.is_demo
    assert "Offline demo" in choice.label


def test_the_sdk_is_not_imported_by_setting_up() -> None:
    code = (
        "import sys; from core.providers.registry import Registry; "
        "from core.settings import ProviderSettings; "
        "Registry.from_settings(ProviderSettings(), {'OPENAI_API_KEY': 'k'}); "
        "sys.exit(bool({'openai', 'anthropic', 'genai_prices'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
