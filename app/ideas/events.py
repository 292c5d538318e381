"""What happens between ideas; announced inside the transaction that did it."""

from blinker import signal

lineage_recorded = signal("lineage_recorded")
"""With a new row of Lineage: the older idea was built on, or someone does it differently."""
