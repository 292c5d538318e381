"""What happens to posts; announced inside the transaction that did it."""

from blinker import signal

post_published = signal("post_published")
post_revised = signal("post_revised")
post_authors_changed = signal("post_authors_changed")
"""Somebody more writes it, or fewer do."""
post_deleted = signal("post_deleted")
post_hidden = signal("post_hidden")
post_restored = signal("post_restored")
comment_posted = signal("comment_posted")
comment_deleted = signal("comment_deleted")
post_followed = signal("post_followed")
"""With who does so, `by`, and whether they pressed the button for it, `is_own_doing`."""
