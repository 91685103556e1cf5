"""How often somebody may do something, counted in this process or, shared, in Redis."""

from core.rate_limits.addresses import subscriber
from core.rate_limits.limiter import RateLimits, last_taken
from core.rate_limits.sliding import Allowance

__all__ = ["Allowance", "RateLimits", "last_taken", "subscriber"]
