"""Own what is asked of the figures: a window, filters, groups, and which figures."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.analytics.columns import COUNTS
from core.analytics.series import Kind
from core.analytics.window import Window
from core.errors import Invalid
from core.values.body import Text
from core.values.ids import Id
from prompthub.wire.analytics import Group, Order
from prompthub.wire.literals import ExecutionStatus

Part = Literal["counts", "costs", "times", "ratings"]

MAX_TOP: Final = 100
DEFAULT_TOP: Final = 20
_COLUMNS: Final[Mapping[Part, tuple[str, ...]]] = {
    "counts": ("runs", "input_tokens", "output_tokens"),
    "costs": ("runs", "cost_nano", "cost_atto", "cost_unknown"),
    "times": ("runs", "latency", "first_token"),
    "ratings": ("runs", *(name for name in COUNTS if name.startswith("stars"))),
}


class Filters(BaseModel):
    """What is counted; all that is set must hold. `model` is connection/model or a model alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    application_id: Id | None = None
    prompt_id: Text | None = None
    version: Text | None = None
    model: Text | None = None
    status: ExecutionStatus | None = None

    def conditions(self) -> dict[str, str]:
        """Return what the names of what is counted must be."""
        found = {"prompt_id": self.prompt_id, "version": self.version, "status": self.status}
        if self.model is not None:
            provider, slash, name = self.model.partition("/")
            found |= {"provider": provider, "model": name} if slash else {"model": self.model}
        return {name: value for name, value in found.items() if value is not None}


class Question(BaseModel):
    """Figures of a window, by bucket where the window has one and by group.

    Of the groups the `top` first in `order` are told apart, the others together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    window: Window
    filters: Filters = Filters()
    group_by: tuple[Group, ...] = ()
    parts: frozenset[Part] = frozenset({"counts"})
    order: Order = "runs"
    top: Annotated[int, Field(ge=1, le=MAX_TOP)] = DEFAULT_TOP

    @property
    def is_by_user(self) -> bool:
        """Whether people are told apart."""
        return "user" in self.group_by

    @property
    def kind(self) -> Kind:
        """What the sums that answer are about."""
        return "user" if self.is_by_user else "version"

    @property
    def columns(self) -> frozenset[str]:
        """Which columns of the sums answer."""
        wanted = {name for part in self.parts for name in _COLUMNS[part]}
        return frozenset(wanted | ({"cost_nano"} if self.order == "cost_usd" else set()))

    def before(self) -> "Question":
        """Return the same question about the window right before, without groups."""
        return self.model_copy(update={"window": self.window.before(), "group_by": ()})

    def check(self) -> None:
        """Pass when the figures are kept in a way that can answer this.

        Raises:
            Invalid: people are to be told apart together with something else, or by times.
        """
        narrowed = self.filters.prompt_id or self.filters.version or self.filters.model
        crossed = set(self.group_by) - {"user", "application", "status"}
        if self.is_by_user and (narrowed or crossed or self.parts & {"times", "ratings"}):
            raise Invalid(
                "People are counted by application and status only, without times and ratings.",
                field="group_by",
                remedy="Leave `user` out, or the prompt, version and model.",
            )
