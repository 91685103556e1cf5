"""Own the environment that templates run in: jinja2's sandbox, narrowed to plain data."""

from typing import Any

from jinja2 import Undefined
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.templates import filters, operators
from core.templates.budget import Budget
from core.templates.undefined import NotThere, Unset, find_in


class BoundedContext(Context):
    """The context of one render, with the budget it spends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.budget = Budget()


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment without functions, in which every operator and filter spends a budget."""

    intercepted_binops = operators.BINARY_OPERATORS
    intercepted_unops = frozenset({"-", "+"})
    context_class = BoundedContext

    def __init__(self) -> None:
        # `optimized` would evaluate constants, such as 9**(9**9), while compiling.
        super().__init__(optimized=False, undefined=Unset, keep_trailing_newline=True, cache_size=0)
        self.globals = {}
        self.filters = {**filters.FILTERS, **filters.ORIGINALS, **operators.INTERNAL}
        self.tests = dict(filters.TESTS)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate within the budget of the render."""
        return operators.calculate(filters.budget_of(context), operator, left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:  # noqa: ARG002 -- jinja2's signature
        """Apply a sign."""
        return operators.negate(operator, arg)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a fact of a loop; the grammar lets no other attribute come here."""
        if isinstance(obj, LoopContext) and attribute in operators.LOOP_ATTRIBUTES:
            value = getattr(obj, attribute)
            return NotThere(name=f"loop.{attribute}") if isinstance(value, Undefined) else value
        return find_in(obj, attribute, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return what `attribute=` of a filter names."""
        return find_in(obj, argument, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 -- jinja2's signature
        """Nothing is called but what is registered."""
        return False


SANDBOX = Sandbox()
