"""Own the span of a request: it goes on with the caller's trace, and executions stand below it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from starlette.types import Scope

from core.metrics.counts import METHODS

if TYPE_CHECKING:
    from core.tracing.otel import Tracing

_CALLER: Final = (b"traceparent", b"tracestate")
_FIRST_FAULT: Final = 500
# Source: OpenTelemetry semantic conventions, HTTP: a method that is not known.
_OTHER: Final = "_OTHER"


@contextmanager
def traced_request(
    tracing: "Tracing",
    scope: Scope,
    *,
    route: Callable[[Scope], str],
    status: Callable[[], int | None],
) -> Generator[None]:
    """Trace the request that is served in the block; `route` and `status` are asked at its end.

    Neither path nor query is told: they hold what a client typed.
    """
    method: str = scope["method"] if scope["method"] in METHODS else _OTHER
    caller = {
        name.decode("ascii"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _CALLER
    }
    name = "HTTP" if method == _OTHER else method
    fields = {
        "method": method,
        "scheme": scope["scheme"],
        "request_id": scope["state"]["request_id"],
    }
    span = tracing.begin(name, "server", fields, caller=caller)
    try:
        with span.around():
            yield
    finally:
        template, code = route(scope), status()
        is_fault = code is not None and code >= _FIRST_FAULT
        if template:
            span.name(f"{name} {template}")
        span.tell(
            {
                "route": template or None,
                "status_code": code,
                "error_type": str(code) if is_fault else None,
            }
        )
        span.end(is_error=is_fault)
