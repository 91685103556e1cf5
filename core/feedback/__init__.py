"""Own feedback: what people think of versions and answers, and what they suggest."""

from core.feedback.rate import (
    FeedbackPage,
    NewRating,
    Rated,
    delete_own,
    find_own_ratings,
    find_ratings,
    list_feedback,
    rate_execution,
    rate_version,
)

__all__ = [
    "FeedbackPage",
    "NewRating",
    "Rated",
    "delete_own",
    "find_own_ratings",
    "find_ratings",
    "list_feedback",
    "rate_execution",
    "rate_version",
]
