"""What happens to groups; announced inside the transaction that did it."""

from blinker import signal

group_joined = signal("group_joined")
"""With the person and the `group`: whoever is in it now sees more of them."""
tutor_appointed = signal("tutor_appointed")
"""With the person and the `group`."""
