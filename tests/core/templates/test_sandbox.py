"""The second line behind the grammar: an environment in which nothing is reachable."""

import pytest
from jinja2.exceptions import SecurityError

from core.templates.sandbox import SANDBOX


def test_nothing_is_evaluated_while_compiling() -> None:
    assert not SANDBOX.optimized


def test_there_are_no_functions() -> None:
    assert not SANDBOX.make_globals(None)


@pytest.mark.parametrize("source", ["{{ f() }}", "{{ 'a'.upper() }}"])
def test_nothing_can_be_called_even_in_an_unchecked_template(source: str) -> None:
    with pytest.raises(SecurityError):
        SANDBOX.from_string(source).render(f=print)


@pytest.mark.parametrize("path", ["f.__class__", "f.__call__", "f['__globals__']", "''.__class__"])
def test_attributes_of_python_do_not_exist_even_in_an_unchecked_template(path: str) -> None:
    source = f"{{{{ 'found' if {path} is defined else 'nothing' }}}}"

    assert SANDBOX.from_string(source).render(f=print) == "nothing"
