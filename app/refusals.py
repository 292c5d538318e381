"""The plain exceptions with which code says no; one place in `web.py` shows them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """No, with a status and a message in plain words for the person who asked.

    `facts` are given to the page that shows it, so that a room that knows more can say more there.
    """

    status = 400

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message, self.facts = message, facts


class NotAllowed(Refusal):
    """The person is known and may see the thing, but may not do this to it."""

    status = 403


class NotThere(Refusal):
    """There is no such thing, or none that this person may know of."""

    status = 404


class Conflict(Refusal):
    """What was asked does not fit the present state of the thing."""

    status = 409


class Gone(Refusal):
    """It was here, and was deleted."""

    status = 410


class Unfit(Refusal):
    """What was sent names something that is not there, or not for this person."""

    status = 422


class Moved(Gone):
    """It was here, and stands at `address` now: whoever reads is led there. `became_id` is the post that it is part of
    until that is undone."""

    def __init__(self, message: str, *, address: str, became_id: int | None = None) -> None:
        super().__init__(message)
        self.address, self.became_id = address, became_id


def require(allowed: bool, message: str = "You may not do this.") -> None:
    """Raise NotAllowed unless allowed."""
    if not allowed:
        raise NotAllowed(message)
