"""Settings, from the environment and from `.env` in the working directory.

`.env.example` names every one of them; a test holds it to this class. Secrets are
`SecretStr`: they appear in no repr, log or message.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.failures import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL

Names = Annotated[tuple[str, ...], NoDecode]
_SLACK_IDS = {
    "slack_teams": re.compile(r"[TE][A-Z0-9]+"),
    "slack_channels": re.compile(r"[CG][A-Z0-9]+"),
    "slack_people": re.compile(r"[UW][A-Z0-9]+"),
    "slack_admins": re.compile(r"[UW][A-Z0-9]+"),
}


class Settings(BaseSettings):
    """Everything that can be set; names are those of the environment variables."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    chancery_home: Path = Field(
        Path("~/.chancery"), description="Folder of the article store and the indexes."
    )
    chancery_models: Path | None = Field(
        None, description="Folder of packaged models, made ready once; unset, in CHANCERY_HOME."
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL for the article store instead of SQLite in CHANCERY_HOME."
    )
    chroma_url: str | None = Field(
        None, description="A Chroma server for the vectors instead of a folder in CHANCERY_HOME."
    )
    chroma_token: SecretStr | None = Field(
        None, description="Token of the Chroma server or of Chroma Cloud."
    )
    embedding_model: str = Field(
        "all-MiniLM-L6-v2",
        description="Model of English, or of everything: a packaged one, a hub id or a folder.",
    )
    multilingual_model: str | None = Field(
        None,
        description="Model of other languages, or none; unset, multilingual-e5-small beside "
        "packaged English models.",
    )
    reranker_model: str = Field(
        "ms-marco-MiniLM-L-12-v2",
        description="Cross-encoder that reads the first passages: packaged, hub id, folder, none.",
    )
    llm_model: str | None = Field(
        None, description="A chat model as provider:model; without it answers are extractive."
    )
    llm_api_key: SecretStr | None = Field(
        None, description="Key of that model; without it the provider's own variable is used."
    )
    llm_base_url: str | None = Field(None, description="Another address of that provider's API.")
    llm_timeout_seconds: float = Field(
        30, gt=0, description="After this long the extractive answer is given instead."
    )
    llm_price_in: float | None = Field(
        None, ge=0, description="Price of a million tokens sent to it, in any currency."
    )
    llm_price_out: float | None = Field(
        None, ge=0, description="Price of a million tokens it writes; with both, costs are told."
    )
    checker_model: str | None = Field(
        None, description="What checks its drafts: an entailment model, or rules; empty for itself."
    )
    slack_bot_token: SecretStr | None = Field(None, description="Bot token, begins with xoxb-.")
    slack_app_token: SecretStr | None = Field(
        None, description="App token for Socket Mode, begins with xapp-."
    )
    slack_mode: Literal["socket", "http"] = Field(
        "socket", description="socket needs no public address; http needs SLACK_SIGNING_SECRET."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Signs Slack's requests in http mode."
    )
    slack_http_host: str = Field("127.0.0.1", description="Where http mode listens.")
    slack_http_port: int = Field(3000, ge=0, le=65535, description="Port of http mode.")
    asks_per_minute: int = Field(
        10,
        ge=0,
        description="More questions of one person within a minute are answered later; 0 for any.",
    )
    slack_posts_per_minute: int = Field(
        60, ge=0, description="Messages in one channel, as many as Slack allows; 0 for any number."
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", description="Another Slack, such as GovSlack."
    )
    slack_teams: Names = Field(
        (), description="Other workspaces (T…) or organisations (E…) whose people are answered."
    )
    slack_channels: Names = Field(
        (), description="Ids (C…) of the only channels to answer in; unset, wherever I am a member."
    )
    slack_people: Names = Field(
        (), description="Ids (U…) of the only people to answer; unset, the whole workspace."
    )
    slack_guests: bool = Field(True, description="Whether guests of the workspace are answered.")
    slack_external: bool = Field(
        False, description="Whether people of any other workspace are (Slack Connect)."
    )
    slack_admins: Names = Field(
        (), description="Ids (U…) of who may change sources; unset, the workspace's admins."
    )
    digest_grace_minutes: int = Field(
        180, ge=0, description="A digest that is later than this is skipped, and the next says so."
    )
    correction_days: int = Field(
        30, ge=1, description="Answers older than this get no note when a source changes."
    )
    retention_days: int | None = Field(
        None, ge=1, description="Articles and turns older than this are removed; unset, none are."
    )
    fetch_allowed_hosts: Names = Field(
        (), description="Internal hosts that may be fetched all the same, parted by commas."
    )
    fetch_timeout_seconds: float = Field(
        20, gt=0, description="How long one address may take in all."
    )
    fetch_max_megabytes: float = Field(20, gt=0, description="Largest answer of an address.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much is logged to stderr; message content never is."
    )

    log_format: Literal["text", "json"] = Field(
        "text", description="json is one object a line, for a log collector."
    )
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of /metrics and /health; unset, neither is served."
    )
    metrics_host: str = Field("127.0.0.1", description="Where they are served.")

    @field_validator("fetch_allowed_hosts", *_SLACK_IDS, mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator(*_SLACK_IDS)
    @classmethod
    def _ids(cls, value: tuple[str, ...], field: ValidationInfo) -> tuple[str, ...]:
        # A name in the place of an id would keep everybody out without a word.
        for name in value:
            if not _SLACK_IDS[str(field.field_name)].fullmatch(name):
                raise PydanticCustomError("slack_id", "{name} is no Slack id", {"name": repr(name)})
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _closed(cls, value: str) -> str:
        return value if value.endswith("/") else f"{value}/"

    @property
    def home(self) -> Path:
        """CHANCERY_HOME with `~` expanded."""
        return self.chancery_home.expanduser()

    @property
    def models_home(self) -> Path:
        """Where packaged models are made ready, once."""
        return (self.chancery_models or self.home / "models").expanduser()

    @property
    def store_url(self) -> str | URL:
        """Database URL of the article store; may hold a password, so never print it."""
        from sqlalchemy import URL

        if self.database_url is not None:
            return self.database_url.get_secret_value()
        # As an object, since "?" and "%" of a folder's name mean something in an address.
        return URL.create("sqlite", database=str(self.home / "chancery.db"))

    @property
    def has_slack(self) -> bool:
        """Whether the tokens that the chosen mode needs are there."""
        if self.slack_bot_token is None:
            return False
        if self.slack_mode == "http":
            return self.slack_signing_secret is not None
        return self.slack_app_token is not None


def load_settings() -> Settings:
    """Settings from the environment; SettingsError names the first that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "A setting"
        raise SettingsError(f"{name} cannot be used: {first['msg']}.") from None
