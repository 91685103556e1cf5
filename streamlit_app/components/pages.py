"""Own the pages of a list: which one is open, kept in the address, and the row of them below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

T = TypeVar("T")

_LONGEST = 6  # digits; pages beyond a million are a typing error


@dataclass(frozen=True)
class Pages:
    """The pages of one list of `size` things each; `key` names them in the address."""

    key: str
    size: int

    @property
    def open(self) -> int:
        """The page asked for, counted from 1; before the row is drawn the address knows it."""
        asked = str(st.session_state.get(self.key) or st.query_params.get(self.key, "1"))
        return max(1, int(asked)) if asked.isdecimal() and len(asked) <= _LONGEST else 1

    @property
    def skip(self) -> int:
        """How many things stand before the open page; a coroutine, elsewhere run, can't ask."""
        return (self.open - 1) * self.size

    def last(self, total: int) -> int:
        """Return the number of the last page of so many things, at least 1."""
        return max(1, -(-total // self.size))

    def part(self, everything: Sequence[T]) -> Sequence[T]:
        """Return what stands on the open page of a list that is all here."""
        first = (min(self.open, self.last(len(everything))) - 1) * self.size
        return everything[first : first + self.size]

    def begin_again(self) -> None:
        """Go to the first page, as another list begins; for callbacks."""
        if self.key in st.session_state:
            st.session_state[self.key] = 1
        else:
            # The row was not drawn yet, so that only the address knows of a page.
            st.query_params.pop(self.key, None)

    def draw(self, total: int) -> None:
        """Draw the row where there are several; leave a page beyond the last for the last one."""
        asked, last = self.open, self.last(total)
        if asked > last:
            st.session_state[self.key] = last
            st.rerun()
        if last == 1:
            return
        if self.key not in st.session_state:
            st.session_state[self.key] = asked
        # Drawn for the first time the row takes its page from the address the browser came with.
        if st.pagination(last, key=self.key, bind="query-params") != asked:
            st.rerun()
