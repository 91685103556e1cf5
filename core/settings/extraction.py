"""Own the settings of extraction: what may be fetched, and how much of it."""

from pydantic import Field, field_validator

from core.settings.section import Section
from core.settings.serving import ORIGIN


class ExtractionSettings(Section):
    """What prompts are extracted from."""

    allowed_origins: tuple[str, ...] = Field(
        default=(),
        description="Origins that may be fetched although they lie in a private network, e.g. "
        '["http://wiki.internal:8080"] (JSON list).',
    )
    max_page_bytes: int = Field(
        default=10 * 1024 * 1024,
        ge=1024,
        le=100 * 1024 * 1024,
        description="Largest page that is fetched, unpacked.",
    )
    max_file_bytes: int = Field(
        default=20 * 1024 * 1024,
        ge=1024,
        le=100 * 1024 * 1024,
        description="Largest PDF file that is uploaded.",
    )
    fetch_seconds: float = Field(
        default=20,
        gt=0,
        le=300,
        description="Total time for fetching a page, all redirects included.",
    )
    read_seconds: float = Field(
        default=9, gt=0, le=300, description="Total time for reading a page or file."
    )
    bulk_at_once: int = Field(
        default=4, ge=1, le=50, description="Addresses of one bulk job that are fetched at once."
    )
    host_delay_seconds: float = Field(
        default=1,
        ge=0,
        le=60,
        description="Pause between two pages of the same host in bulk jobs of a process.",
    )
    respect_robots: bool = Field(
        default=True, description="Whether bulk jobs leave out what a site's robots.txt disallows."
    )

    @field_validator("allowed_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError("must list origins, scheme and host only, without a wildcard")
        return origins
