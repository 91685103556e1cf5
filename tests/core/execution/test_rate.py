import pytest
from bson import ObjectId

from core.errors import RateLimited
from core.execution.rate import ExecutionRate

APPLICATION = ObjectId()


class Time:
    seconds = 0.0

    def elapsed_ms(self) -> float:
        return self.seconds * 1000


def test_the_minute_slides() -> None:
    time = Time()
    rate = ExecutionRate(time.elapsed_ms)
    time.seconds = 50
    for _ in range(10):
        rate.take(APPLICATION, per_minute=10)

    time.seconds = 61
    with pytest.raises(RateLimited):
        rate.take(APPLICATION, per_minute=9)
    time.seconds = 90
    for _ in range(5):
        rate.take(APPLICATION, per_minute=10)
    with pytest.raises(RateLimited):
        rate.take(APPLICATION, per_minute=10)
    time.seconds = 240
    rate.take(APPLICATION, per_minute=1)


def test_applications_do_not_count_for_each_other() -> None:
    rate = ExecutionRate(Time().elapsed_ms)
    rate.take(APPLICATION, per_minute=1)

    rate.take(ObjectId(), per_minute=1)

    with pytest.raises(RateLimited):
        rate.take(APPLICATION, per_minute=1)
