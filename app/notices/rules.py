"""Of which changes of state whom is told, and as what kind of notice."""

from __future__ import annotations

from dataclasses import dataclass

CONCERNED, AUTHORS, FOLLOWERS, NEWS, STAFF = "concerned", "authors", "followers", "news", "staff"


@dataclass(frozen=True)
class Rule:
    """Tell these people."""

    kind: str
    """One of KINDS."""
    who: str
    """The person whom the entry concerns, all who write the post if that person or, where it concerns nobody else, who
    did it does, those who follow the post, those who follow what a new post is about, or moderators and the tutors of
    its group."""
    reason: str = ""
    """Why the person whom it concerns is told, where that does not follow from what they wrote."""


def _concerned(kind: str, reason: str = "") -> tuple[Rule, ...]:
    return (Rule(kind, CONCERNED, reason),)


def _authors(kind: str) -> tuple[Rule, ...]:
    return (Rule(kind, AUTHORS),)


def _both(kind: str, reason: str = "", *, followers: str = "changes") -> tuple[Rule, ...]:
    return (Rule(kind, CONCERNED, reason), Rule(followers, FOLLOWERS))


NEW = (Rule("followed", NEWS),)
TEAM = _concerned("collaboration", "team")
MODERATED = _concerned("moderation")

RULES: dict[str, tuple[Rule, ...]] = {
    "idea_published": NEW,
    "question_asked": NEW,
    "question_about_asked": _concerned("comments", "own_idea"),
    "idea_built_on": _concerned("collaboration", "own_idea"),
    "idea_forked": _concerned("collaboration", "own_idea"),
    "suggestion_became_idea": _concerned("collaboration", "own_idea"),
    # What happens on a post
    "comment_posted": _both("comments", followers="comments"),
    "review_given": (Rule("comments", AUTHORS), Rule("comments", FOLLOWERS)),
    "review_revised": _authors("comments"),
    "review_removed": _authors("comments"),
    "answer_posted": _both("answers"),
    "answer_revised": _concerned("changes"),
    "idea_revised": _both("changes"),
    "idea_reverted": _both("changes"),
    "question_revised": _both("changes"),
    "question_reverted": _both("changes"),
    "stage_changed": _both("changes"),
    "question_closed": _both("changes"),
    "question_reopened": _both("changes"),
    "comment_became_question": MODERATED,
    "question_became_comment": (Rule("moderation", CONCERNED), Rule("comments", FOLLOWERS)),
    # Working together
    "team_asked": TEAM,
    "team_invited": TEAM,
    "team_joined": _both("collaboration", "team"),
    "team_declined": TEAM,
    "team_left": TEAM,
    "team_invitation_withdrawn": TEAM,
    "team_removed": TEAM,
    "team_set_aside": TEAM,
    "lead_offered": TEAM,
    "lead_offer_withdrawn": TEAM,
    "lead_declined": TEAM,
    "lead_handed_on": _both("collaboration", "team"),
    "co_author_joined": _both("collaboration", "team"),
    "co_author_left": TEAM,
    "draft_shared": TEAM,
    "draft_unshared": TEAM,
    "suggestion_made": _authors("collaboration"),
    "suggestion_accepted": _concerned("collaboration"),
    "suggestion_rejected": _concerned("collaboration"),
    "suggestion_set_aside": _concerned("collaboration"),
    "suggestion_withdrawn": _authors("collaboration"),
    "request_made": _authors("collaboration"),
    "request_answered": _concerned("collaboration"),
    "request_declined": _concerned("collaboration"),
    "request_withdrawn": _authors("collaboration"),
    "request_set_aside": _concerned("collaboration"),
    "request_became_question": _authors("collaboration"),
    "request_reopened": _authors("collaboration"),
    "request_taken_up_again": _concerned("collaboration"),
    "idea_merge_proposed": _concerned("collaboration"),
    "idea_merge_declined": _concerned("collaboration"),
    "idea_merge_set_aside": _concerned("collaboration"),
    "idea_merge_withdrawn": _concerned("collaboration"),
    "idea_merged": _both("collaboration"),
    "idea_merge_undone": _both("collaboration"),
    "tutor_appointed": _concerned("collaboration"),
    # Questions that wait
    "question_put_to": _concerned("asks", "chosen"),
    "reading_asked": _concerned("asks", "chosen"),
    "question_left_to_staff": (Rule("asks", STAFF),),
    "claim_lapsed": _concerned("asks", "on_it"),
    "question_claimed": _concerned("answers"),
    # Thanks
    "support_given": _authors("thanks"),
    "support_reason_given": _concerned("thanks"),
    "support_reason_removed": MODERATED,
    "question_asked_too": _concerned("thanks"),
    "answer_accepted": _both("thanks"),
    "answer_supported": _concerned("thanks"),
    "answer_endorsed": _concerned("thanks"),
    "field_verified": _concerned("thanks"),
    # What moderators did
    "endorsement_removed": MODERATED,
    "verification_withdrawn": MODERATED,
    "post_deleted": _authors("moderation"),
    "comment_deleted": MODERATED,
    "answer_deleted": MODERATED,
    "suggestion_deleted": MODERATED,
    "review_deleted": MODERATED,
    "idea_hidden": _authors("moderation"),
    "question_hidden": MODERATED,
    "comment_hidden": MODERATED,
    "answer_hidden": MODERATED,
    "idea_restored": _authors("moderation"),
    "question_restored": MODERATED,
    "comment_restored": MODERATED,
    "answer_restored": MODERATED,
    "idea_featured": _authors("moderation"),
    "idea_unfeatured": _authors("moderation"),
}
"""The nearest reason first: whoever is told by one rule is not told by the next."""

NEARER = {
    "idea_published": ("idea_built_on", "idea_forked", "suggestion_became_idea"),
    "idea_built_on": ("suggestion_became_idea",),
    "question_asked": ("question_about_asked",),
    "idea_revised": ("request_answered", "suggestion_accepted", "idea_built_on"),
}
"""What came with the same revision, the first included, and is told to whom it concerns in place of this."""

TELLS_NOBODY = frozenset(
    {
        *("group_joined", "consent_changed"),
        *("evidence_put_aside", "evidence_counted_again"),
        *("field_added", "field_hidden", "field_shown", "field_deleted", "field_level_set"),
        *("field_lowered", "field_raised"),
        *("question_released", "question_passed", "question_handed_on", "question_escalated"),
        "reading_passed",
        *("ask_withdrawn", "ask_lapsed"),
        *("team_request_withdrawn", "support_withdrawn", "question_asked_too_withdrawn"),
        *("answer_unaccepted", "answer_accepted_again", "answer_support_withdrawn", "endorsement_withdrawn"),
        *("post_followed", "post_unfollowed", "topic_followed", "topic_unfollowed", "person_followed"),
        *("person_unfollowed", "search_saved", "search_renamed", "search_removed", "muted", "unmuted"),
        *("mail_chosen", "mail_stopped", "mail_resumed"),
        "reading_lapsed",
    }
)
"""What is taken back in silence, what only its author needs to know, and what is nobody else's business."""

NAMING = frozenset(
    {
        *("comment_posted", "answer_posted", "answer_revised"),
        *("idea_published", "idea_revised", "idea_reverted", "question_asked", "question_revised"),
        *("question_reverted", "review_given", "review_revised"),
    }
)
"""After these a text reads anew, and may name people."""

REVIEWING = frozenset({"review_given", "review_revised"})
"""After these a review reads anew: a text of its own beside that of the idea."""

REVISING = frozenset(
    {
        *("idea_revised", "idea_reverted", "question_revised", "question_reverted"),
        *("request_answered", "suggestion_accepted"),
    }
)
"""After these there is a new revision, which shows what changed."""

FOREMOST = frozenset(
    {
        *("question_put_to", "reading_asked", "claim_lapsed"),
        *("team_asked", "team_invited", "lead_offered", "idea_merge_proposed"),
        *("suggestion_made", "request_made", "request_reopened"),
        *("answer_posted", "review_given", "answer_accepted", "team_joined"),
    }
)
"""Told before others of their kind on the same post: what waits for the person, and what weighs more than the rest."""

TAKING_BACK = {
    "suggestion_withdrawn": "suggestion_made",
    "request_withdrawn": "request_made",
    "request_became_question": "request_made",
    "team_invitation_withdrawn": "team_invited",
    "lead_offer_withdrawn": "lead_offered",
    "team_removed": "lead_offered",
    "idea_merge_withdrawn": "idea_merge_proposed",
}
"""What somebody did before, and which of these waits no more then."""

SUPPORTING = frozenset({"support_given", "support_reason_given", "question_asked_too"})
"""By what one person stands behind a post, also after taking it back: they are counted once."""

AT_PATHS = {"question_left_to_staff": "/queue"}
"""On which page, of no post, what these tell is to be done."""

PLACES = {
    "team_invited": "invitation",
    **dict.fromkeys(("suggestion_made", "suggestion_rejected", "suggestion_withdrawn"), "suggestions"),
    **dict.fromkeys(("review_given", "review_revised"), "reviews"),
}
"""Pages below that of the idea, where these are dealt with."""

LEAVING_NONE = ("question_put_to", "team_asked")
"""Once this was taken back, nobody is told that it was asked."""

CODED = frozenset({"draft_shared", "draft_unshared", "tutor_appointed"})
"""Their note is a code, not what somebody wrote."""

OPEN_NOTES = frozenset({"idea_revised", "idea_reverted", "question_revised", "question_reverted", "answer_revised"})
"""Their note is read by whoever may see the post: it stands among its revisions."""
