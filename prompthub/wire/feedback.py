"""Own the shapes of feedback."""

from typing import Annotated

from pydantic import Field

from prompthub.wire.base import Answer, Id, Moment, Page, Request

# A whole number: neither 4.5 nor true nor "4".
Rating = Annotated[int, Field(strict=True, ge=1, le=5)]


class NewFeedback(Request):
    """The rating of a version or, where `execution_id` is given, of one execution of it."""

    rating: Rating
    comment: str = ""
    improvement_suggestion: str = ""
    execution_id: Id | None = None


class Feedback(Answer):
    """One user's rating; a second one of the same target changed the first."""

    id: Id
    version: str
    execution_id: Id | None
    user_id: Id
    rating: int
    comment: str
    improvement_suggestion: str
    created_at: Moment
    updated_at: Moment


class RatingSummary(Answer):
    """All ratings of a version: with 95 % confidence the true mean lies from `low` to `high`."""

    count: int
    mean: float
    low: float
    high: float


class FeedbackPage(Page[Feedback]):
    """One page of ratings, newest first; `summary` covers all pages, null while there are none."""

    summary: RatingSummary | None
