"""What happens to people."""

from blinker import signal

person_registered = signal("person_registered")
profile_changed = signal("profile_changed")
