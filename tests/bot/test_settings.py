"""Settings: `.env.example` is their list, secrets stay secret, bad values are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.failures import SettingsError
from bot.settings import Settings, load_settings
from tests.conftest import settings_for

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SECRETS = (
    "database_url",
    "chroma_token",
    "llm_api_key",
    "slack_bot_token",
    "slack_app_token",
    "slack_signing_secret",
)


def example_lines() -> list[tuple[str, str, str]]:
    """(name, value, the comment line before it) of every setting in .env.example."""
    found, before = [], ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if match := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            found.append((match[1], match[2], before))
        before = line
    return found


class TestExample:
    def test_names_exactly_the_settings_in_their_order(self) -> None:
        names = [name for name, _, _ in example_lines()]
        assert names == [name.upper() for name in Settings.model_fields]

    @pytest.mark.parametrize(("name", "value", "comment"), example_lines())
    def test_says_of_each_what_it_does(self, name: str, value: str, comment: str) -> None:
        assert comment == f"# {Settings.model_fields[name.lower()].description}"

    def test_holds_the_defaults(
        self, monkeypatch: pytest.MonkeyPatch, isolated_environment: Path
    ) -> None:
        monkeypatch.delenv("CHANCERY_HOME")
        assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)
        assert Settings(_env_file=None).chancery_home == Path("~/.chancery")

    def test_every_value_is_the_default_in_writing(self) -> None:
        for name, value, _ in example_lines():
            default = Settings.model_fields[name.lower()].default
            assert value == ("" if default in (None, ()) else str(default))


class TestSecrets:
    @pytest.mark.parametrize("name", SECRETS)
    def test_stand_in_no_representation(self, name: str) -> None:
        settings = settings_for(Path(), **{name: "hunter2-hunter2"})
        assert getattr(settings, name).get_secret_value() == "hunter2-hunter2"
        for text in (repr(settings), str(settings), str(settings.model_dump())):
            assert "hunter2" not in text
        assert "hunter2" not in settings.model_dump_json()

    def test_are_all_settings_of_that_kind(self) -> None:
        kept = [
            name
            for name, field in Settings.model_fields.items()
            if SecretStr in getattr(field.annotation, "__args__", (field.annotation,))
        ]
        assert sorted(kept) == sorted(SECRETS)


class TestBadValue:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SLACK_MODE", "carrier pigeon"),
            ("SLACK_HTTP_PORT", "99999"),
            ("SLACK_HTTP_PORT", "three"),
            ("LLM_TIMEOUT_SECONDS", "0"),
            ("FETCH_TIMEOUT_SECONDS", "-1"),
            ("FETCH_MAX_MEGABYTES", "much"),
            ("LOG_LEVEL", "verbose"),
        ],
    )
    def test_is_named_in_one_sentence(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            load_settings()
        sentence = str(caught.value)
        assert sentence.startswith(f"{name} cannot be used: ")
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert value not in sentence or value in "0-1"


class TestReading:
    def test_an_empty_value_is_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SLACK_HTTP_PORT", "")
        monkeypatch.setenv("SLACK_BOT_TOKEN", "")
        settings = load_settings()
        assert settings.slack_http_port == 3000
        assert settings.slack_bot_token is None

    def test_the_working_folders_env_file_is_read_and_the_environment_wins(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / ".env").write_text("LLM_MODEL=openai:a\nLOG_LEVEL=debug\nUNKNOWN=1\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("LLM_MODEL", "openai:b")
        settings = load_settings()
        assert (settings.llm_model, settings.log_level) == ("openai:b", "debug")

    def test_hosts_are_parted_by_commas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FETCH_ALLOWED_HOSTS", " wiki.intern , 10.0.0.7,, ")
        assert load_settings().fetch_allowed_hosts == ("wiki.intern", "10.0.0.7")

    def test_the_home_may_begin_with_a_tilde(self) -> None:
        assert settings_for(Path("~/cables")).home == Path.home() / "cables"

    def test_slacks_address_is_closed_with_a_slash(self) -> None:
        settings = settings_for(Path(), slack_api_url="https://slack-gov.com/api")
        assert settings.slack_api_url == "https://slack-gov.com/api/"

    @pytest.mark.parametrize(
        ("given", "enough"),
        [
            ({}, False),
            ({"slack_bot_token": "b"}, False),
            ({"slack_app_token": "a"}, False),
            ({"slack_bot_token": "b", "slack_app_token": "a"}, True),
            ({"slack_bot_token": "b", "slack_app_token": "a", "slack_mode": "http"}, False),
            ({"slack_bot_token": "b", "slack_signing_secret": "s", "slack_mode": "http"}, True),
        ],
    )
    def test_slack_needs_the_tokens_of_its_mode(self, given: dict[str, str], enough: bool) -> None:
        assert settings_for(Path(), **given).has_slack is enough
