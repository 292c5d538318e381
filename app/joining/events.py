"""What happens between an idea and those who would join it; announced inside the transaction that did it."""

from blinker import signal

joining_asked = signal("joining_asked")
joining_accepted = signal("joining_accepted")
joining_declined = signal("joining_declined")
joining_left = signal("joining_left")
