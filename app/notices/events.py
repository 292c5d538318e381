"""Someone is told of something; announced once for each Notice, inside the transaction that keeps it."""

from blinker import signal

notice_made = signal("notice_made")
