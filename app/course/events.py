"""What happens to the catalogue; announced inside the transaction that did it."""

from blinker import signal

catalogue_loaded = signal("catalogue_loaded")
