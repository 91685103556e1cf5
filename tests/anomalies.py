"""An anomaly, valid by default."""

from datetime import UTC, datetime

from bson import ObjectId

from core.documents import Anomaly

VERSION = ObjectId()
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)


def an_anomaly(**fields: object) -> Anomaly:
    return Anomaly.model_validate(
        {
            "application_id": ObjectId(),
            "prompt_version_id": VERSION,
            "prompt_id": "greet",
            "version": "1.0.0",
            "provider": "openai",
            "model": "gpt-4o-mini",
            "measure": "tokens",
            "pattern": "spike",
            "started_at": MORNING,
            "last_seen_at": MORNING,
            "observed": 900.0,
            "expected": 300.0,
            "expected_low": 250.0,
            "expected_high": 360.0,
            "runs": 40,
            **fields,
        }
    )
