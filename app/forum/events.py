"""What happens to posts; announced inside the transaction that did it."""

from blinker import signal

post_published = signal("post_published")
post_revised = signal("post_revised")
post_deleted = signal("post_deleted")
post_hidden = signal("post_hidden")
post_restored = signal("post_restored")
comment_posted = signal("comment_posted")
comment_deleted = signal("comment_deleted")
