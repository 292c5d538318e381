"""What a notice says and why it came, for the page, mails and digests alike: in the language of whoever asks for the
page; mails, which nobody asks for, in that of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from app.ideas.models import STAGE_WORDS
from app.shown import isolated

if TYPE_CHECKING:
    from app.notices.queries import NoticeGroup, NoticeRow

SENTENCES = {
    "idea_published": _l("%(by)s published the idea “%(title)s”"),
    "question_asked": _l("%(by)s asked “%(title)s”"),
    "idea_forked": _l("%(by)s began “%(title)s” from an idea of yours"),
    "question_about_asked": _l("%(by)s asked about an idea of yours: “%(title)s”"),
    "idea_built_on": _l("%(by)s goes on from an idea of yours in “%(title)s”"),
    "suggestion_became_idea": _l("%(by)s made an idea of what they suggested to you: “%(title)s”"),
    "comment_posted": _l("%(by)s commented on “%(title)s”"),
    "review_given": _l("%(by)s reviewed “%(title)s”"),
    "review_revised": _l("%(by)s changed a review of “%(title)s”"),
    "review_removed": _l("%(by)s took a review of “%(title)s” away"),
    "answer_posted": _l("%(by)s answered “%(title)s”"),
    "answer_revised": _l("%(by)s changed an answer to “%(title)s”"),
    "idea_revised": _l("%(by)s changed “%(title)s”"),
    "idea_reverted": _l("%(by)s put an earlier text of “%(title)s” back"),
    "question_revised": _l("%(by)s changed the question “%(title)s”"),
    "stage_changed": _l("%(by)s moved “%(title)s” to the stage: %(stage)s"),
    "question_reverted": _l("%(by)s put an earlier text of the question “%(title)s” back"),
    "question_closed": _l("%(by)s closed the question “%(title)s”"),
    "question_reopened": _l("%(by)s opened the question “%(title)s” again"),
    "comment_became_question": _l("%(by)s asked your comment as the question “%(title)s”"),
    "question_became_comment": _l("%(by)s made a question a comment on “%(title)s”"),
    "team_asked": _l("%(by)s asks to work on “%(title)s” with you"),
    "team_invited": _l("%(by)s invites you to work on “%(title)s”"),
    "team_joined": _l("%(by)s and you work on “%(title)s” together"),
    "team_declined": _l("%(by)s says no to working on “%(title)s” together"),
    "team_left": _l("%(by)s works on “%(title)s” no more"),
    "team_invitation_withdrawn": _l("%(by)s took the invitation to “%(title)s” back"),
    "team_removed": _l("%(by)s took you off “%(title)s”"),
    "team_set_aside": _l("The idea that you asked to join, or were invited to, is part of “%(title)s” now"),
    "lead_offered": _l("%(by)s asks you to lead “%(title)s”"),
    "lead_offer_withdrawn": _l("%(by)s goes on leading “%(title)s”"),
    "lead_declined": _l("%(by)s would rather not lead “%(title)s”"),
    "lead_handed_on": _l("%(by)s leads “%(title)s” now"),
    "co_author_joined": _l("%(by)s and you are authors of “%(title)s”"),
    "co_author_left": _l("%(by)s is no author of “%(title)s” any more"),
    "draft_shared": _l("%(by)s shares a draft with you"),
    "draft_unshared": _l("%(by)s no longer shares a draft with you"),
    "suggestion_made": _l("%(by)s suggests a change to “%(title)s”"),
    "suggestion_accepted": _l("%(by)s took over what you suggested for “%(title)s”"),
    "suggestion_rejected": _l("%(by)s did not take over what you suggested for “%(title)s”"),
    "suggestion_set_aside": _l(
        "The idea that you suggested an edit for is part of “%(title)s” now. Yours was set aside"
    ),
    "suggestion_withdrawn": _l("%(by)s took a suggestion for “%(title)s” back"),
    "request_made": _l("%(by)s asks something of “%(title)s”"),
    "request_answered": _l("%(by)s did what you asked of “%(title)s”. See what changed"),
    "request_declined": _l("%(by)s will not do what you asked of “%(title)s”"),
    "request_withdrawn": _l("%(by)s took back what they asked of “%(title)s”"),
    "request_set_aside": _l("The idea that you asked a change of is part of “%(title)s” now"),
    "request_became_question": _l("What was asked of “%(title)s” became a question of its own"),
    "request_reopened": _l("%(by)s asks again what they asked of “%(title)s”"),
    "request_taken_up_again": _l("%(by)s opened again what you asked of “%(title)s”"),
    "idea_merge_proposed": _l("%(by)s would like an idea of theirs to become one with “%(title)s”"),
    "idea_merge_declined": _l("%(by)s would rather keep “%(title)s” apart from your idea"),
    "idea_merge_set_aside": _l("The idea that you wanted yours to become one with is part of “%(title)s” now"),
    "idea_merge_withdrawn": _l("%(by)s keeps an idea apart from “%(title)s” after all"),
    "idea_merged": _l("%(by)s took your idea into “%(title)s”: they are one now"),
    "idea_merge_undone": _l("%(by)s parted “%(title)s” and the idea that it was one with"),
    "tutor_appointed": _l("You look after the group “%(title)s” now, as its tutor"),
    "question_put_to": _l("%(by)s asks you: “%(title)s”"),
    "reading_asked": _l("%(by)s asks you to read “%(title)s”"),
    "question_left_to_staff": _l("Nobody answers “%(title)s”. It waits in your queue, beside others perhaps"),
    "claim_lapsed": _l("Your day on “%(title)s” is over. You can still answer"),
    "question_claimed": _l("%(by)s looks into “%(title)s”"),
    "support_given": _l("%(by)s supports “%(title)s”"),
    "support_reason_given": _l("%(by)s says why they support “%(title)s”"),
    "support_reason_removed": _l("A moderator removed your reason for supporting “%(title)s”"),
    "question_asked_too": _l("%(by)s has the question “%(title)s” too"),
    "answer_accepted": _l("%(by)s accepted your answer to “%(title)s”"),
    "answer_supported": _l("Your answer to “%(title)s” helped %(by)s"),
    "answer_endorsed": _l("%(by)s endorsed your answer to “%(title)s”"),
    "field_verified": _l("%(by)s confirmed what you know"),
    "verification_withdrawn": _l("%(by)s no longer confirms what you know"),
    "endorsement_removed": _l("A moderator removed your endorsement of an answer to “%(title)s”"),
    "post_deleted": _l("A moderator deleted “%(title)s”"),
    "comment_deleted": _l("A moderator deleted your comment on “%(title)s”"),
    "answer_deleted": _l("A moderator deleted your answer to “%(title)s”"),
    "suggestion_deleted": _l("A moderator deleted what you suggested for “%(title)s”"),
    "review_deleted": _l("A moderator removed your review of “%(title)s”"),
    "idea_hidden": _l("A moderator hid “%(title)s”"),
    "question_hidden": _l("A moderator hid “%(title)s”"),
    "comment_hidden": _l("A moderator hid your comment on “%(title)s”"),
    "answer_hidden": _l("A moderator hid your answer to “%(title)s”"),
    "idea_restored": _l("A moderator shows “%(title)s” again"),
    "question_restored": _l("A moderator shows “%(title)s” again"),
    "comment_restored": _l("A moderator shows your comment on “%(title)s” again"),
    "answer_restored": _l("A moderator shows your answer to “%(title)s” again"),
    "idea_featured": _l("A moderator featured “%(title)s”"),
    "idea_unfeatured": _l("“%(title)s” is featured no more"),
}
"""To the person whom it concerns."""

FOR_REASON = {
    ("comment_posted", "replied"): _l("%(by)s replied to you on “%(title)s”"),
    ("comment_posted", "answered"): _l("%(by)s commented on your answer to “%(title)s”"),
    ("answer_revised", "answered"): _l("%(by)s changed your answer to “%(title)s”"),
    ("answer_accepted", "follows"): _l("%(by)s accepted an answer to “%(title)s”"),
    ("idea_merged", "follows"): _l("%(by)s took another idea into “%(title)s”"),
    ("post_deleted", "together"): _l("%(by)s deleted “%(title)s”"),
    ("team_joined", "follows"): _l("Someone more works on “%(title)s”"),
    ("co_author_joined", "follows"): _l("“%(title)s” has one more author"),
}
"""To whoever is told for another reason."""

WITH_OTHER = {
    "idea_merge_proposed": _l("%(by)s would like “%(other)s” to become one with “%(title)s”"),
}
"""Where another idea is named beside the one that it is about."""

BY_NOBODY = {
    "question_put_to": _l("This question fits what you know, and nobody has answered: “%(title)s”"),
    "reading_asked": _l("This idea fits what you know, and waits for a first reader: “%(title)s”"),
}
"""Where it happened by itself."""

NAMED = _l("%(by)s named you in “%(title)s”")

REASONS = {
    "author": _l("You get this because you wrote this idea."),
    "together": _l("You get this because you wrote this idea together."),
    "asked": _l("You get this because you asked this question."),
    "answered": _l("You get this because it is about your answer."),
    "wrote": _l("You get this because you wrote it."),
    "replied": _l("You get this because it replies to what you wrote."),
    "named": _l("You get this because someone named you."),
    "own_idea": _l("You get this because it is about an idea of yours."),
    "team": _l("You get this because it is about working together with you."),
    "chosen": _l("You get this because you agreed to be asked for help."),
    "staff": _l("You get this because you look after this place."),
    "on_it": _l("You get this because you took this question."),
    "concerned": _l("You get this because it concerns you."),
    "follows": _l("You get this because you follow this idea."),
    "follows_question": _l("You get this because you follow this question."),
    "follows_topic": _l("You get this because you follow the topic %(detail)s."),
    "follows_person": _l("You get this because you follow %(detail)s."),
    "follows_search": _l("You get this because your search “%(detail)s” finds it."),
}


def sentence(row: NoticeRow) -> Markup:
    """What happened, with names and titles isolated; `.striptags()` makes plain text of it."""
    said = NAMED if row.kind == "mentions" else FOR_REASON.get((row.action, row.reason)) or SENTENCES[row.action]
    if row.other:
        said = WITH_OTHER[row.action]
    if row.by is None:
        said = BY_NOBODY.get(row.action, said)
    stage = Markup.escape(STAGE_WORDS.get(row.stage, ""))
    return _filled(said, by=_by(row), title=_title(row), other=isolated(row.other), stage=stage)


def reason_sentence(row: NoticeRow) -> Markup:
    """Why the person is told: "You get this because you follow this idea." """
    is_of_question = row.reason == "follows" and row.post_kind == "question"
    return _filled(REASONS["follows_question" if is_of_question else row.reason], detail=isolated(row.detail))


def group_sentence(group: NoticeGroup) -> Markup:
    """What notices of one kind on one post say together: how many of the same or, where one weighs more than the
    others, that one and how many beside it."""
    size, row = group.size, group.newest
    counted = _counted(size).get(row.kind) if size > 1 and group.is_alike else None
    if counted:
        together = _filled(counted, title=_title(row))
        return _filled(_("%(together)s, the newest by %(by)s"), together=together, by=_by(row)) if row.by else together
    first, others = sentence(group.foremost), size - 1
    more = ngettext("%%(first)s, and %(num)s more about it", "%%(first)s, and %(num)s more about it", others)
    return _filled(more, first=first) if others else first


def _counted(size: int) -> dict[str, str]:
    return {
        "answers": ngettext("%(num)s answer to “%%(title)s”", "%(num)s answers to “%%(title)s”", size),
        "comments": ngettext("%(num)s comment on “%%(title)s”", "%(num)s comments on “%%(title)s”", size),
        "mentions": ngettext("Named once in “%%(title)s”", "Named %(num)s times in “%%(title)s”", size),
        "changes": ngettext("%(num)s change of “%%(title)s”", "%(num)s changes of “%%(title)s”", size),
        "thanks": ngettext("%(num)s word of thanks for “%%(title)s”", "%(num)s words of thanks for “%%(title)s”", size),
    }


def _filled(said: Any, **names: Markup) -> Markup:
    """Translators write no HTML, so what they wrote is escaped."""
    return Markup(str(said)) % names  # noqa: S704  (what is put in is escaped)


def _by(row: NoticeRow) -> Markup:
    return isolated(row.by.display_name if row.by else _("The Commons"))


def _title(row: NoticeRow) -> Markup:
    return Markup('<bdi lang="{}">{}</bdi>').format(row.post_language, row.post_title)
