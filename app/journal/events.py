"""A change of state was written down; announced inside the transaction that made it, with its JournalEntry."""

from blinker import signal

entry_recorded = signal("entry_recorded")
