"""People are told of an entry of the journal; announced with their Notices, inside the transaction that keeps them."""

from blinker import signal

notices_made = signal("notices_made")
