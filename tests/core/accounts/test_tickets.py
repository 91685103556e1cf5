"""Sign-in tickets: each works once and for 30 seconds."""

from bson import ObjectId

from core.accounts.tickets import LIFE_SECONDS, Tickets


def test_a_ticket_is_redeemed_once() -> None:
    tickets, user_id = Tickets(), ObjectId()
    ticket = tickets.issue(user_id)

    assert tickets.redeem(ticket) == user_id
    assert tickets.redeem(ticket) is None


def test_a_ticket_ends_after_its_time() -> None:
    moment = 0.0
    tickets = Tickets(clock=lambda: moment)
    ticket = tickets.issue(ObjectId())

    moment = float(LIFE_SECONDS)

    assert tickets.redeem(ticket) is None


def test_an_unknown_ticket_is_nobodys() -> None:
    tickets = Tickets()
    tickets.issue(ObjectId())

    assert tickets.redeem("") is None
    assert tickets.redeem("\ud800") is None
