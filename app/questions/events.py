"""What happens to answers, and to comments that become questions; announced inside the transaction that did it."""

from blinker import signal

comment_asked = signal("comment_asked")
answer_posted = signal("answer_posted")
answer_revised = signal("answer_revised")
answer_accepted = signal("answer_accepted")
answer_unaccepted = signal("answer_unaccepted")
answer_deleted = signal("answer_deleted")
answer_hidden = signal("answer_hidden")
answer_restored = signal("answer_restored")
