"""What happens to what people keep here; announced inside the transaction that did it."""

from blinker import signal

search_renamed = signal("search_renamed")
"""With the name that the SavedSearch had, `before`."""
