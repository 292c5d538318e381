"""The directory of people who may be asked; what they know, on their page and on one of their own; who confirms it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.wrappers import Response

from app.accounts.models import User
from app.accounts.queries import person_named
from app.expertise import commands
from app.expertise.forms import (
    LEVEL_NAMES,
    EvidenceForm,
    FieldForm,
    LevelForm,
    ReasonForm,
    VerificationForm,
    narrowing_in,
)
from app.expertise.models import LEVELS, Verification
from app.expertise.policy import can_endorse, can_remove_endorsement, can_verify, can_withdraw
from app.expertise.queries import (
    MOST_SUPPORTS,
    VERY_WELL,
    WELL,
    WORTH,
    confirmations_shown,
    country_facet,
    directory,
    endorsable,
    endorsements_of,
    field_marks,
    fields_with_evidence,
    language_facet,
    own_fields,
    role_facet,
    topic_facet,
    topic_of,
    topics_shown,
    verification_with,
)
from app.forum.views import back_to, person
from app.limits import limiter
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.questions.models import Answer
from app.questions.queries import visible_answer
from app.refusals import NotThere, require
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("expertise", __name__)
bp.add_app_template_global(can_remove_endorsement)


@bp.get("/people")
def index_people() -> ResponseReturnValue:
    asker, number, narrowing = viewer(), wanted_page(), narrowing_in(request.args)
    people, total = directory(asker, narrowing, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render(
        "expertise/people.html",
        page=page_of(people, number=number, total=total),
        marks=field_marks([each.id for each in people]),
        narrowing=narrowing,
        roles=role_facet(asker, narrowing),
        topics=topic_facet(asker, narrowing),
        countries=country_facet(asker, narrowing),
        languages=language_facet(asker, narrowing),
    )


@bp.get("/me/fields")
@login_required
def index_fields() -> ResponseReturnValue:
    return show_own_fields(FieldForm(formdata=None))


@bp.post("/me/fields")
@login_required
@limiter.limit("60 per minute")
def create_field() -> ResponseReturnValue:
    form = FieldForm()
    if not form.validate_on_submit():
        return show_own_fields(form), 422
    commands.add_field(topic_of(form.topic.data), by=person(), level=form.level.data)
    return back_to_field(form.topic.data)


@bp.post("/me/fields/<topic_id>/hiding")
@login_required
@limiter.limit("60 per minute")
def create_hiding(topic_id: str) -> ResponseReturnValue:
    commands.hide_field(topic_of(topic_id), by=person())
    return back_to_field(topic_id)


@bp.post("/me/fields/<topic_id>/hiding/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_hiding(topic_id: str) -> ResponseReturnValue:
    commands.show_field(topic_of(topic_id), by=person())
    return back_to_field(topic_id)


@bp.post("/me/fields/<topic_id>/deletion")
@login_required
@limiter.limit("60 per minute")
def create_deletion(topic_id: str) -> ResponseReturnValue:
    topic = topic_of(topic_id)
    commands.delete_field(topic, by=person())
    flash(_("%(topic)s is not named among your fields any more.", topic=topic.name), "success")
    return see_other(".index_fields")


@bp.post("/me/fields/<topic_id>/level")
@login_required
@limiter.limit("60 per minute")
def update_level(topic_id: str) -> ResponseReturnValue:
    form = LevelForm()
    if not form.validate_on_submit():
        abort(400)
    commands.set_level(topic_of(topic_id), by=person(), level=form.level.data)
    return back_to_field(topic_id)


@bp.post("/me/fields/<topic_id>/lowering/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_lowering(topic_id: str) -> ResponseReturnValue:
    commands.raise_field(topic_of(topic_id), by=person())
    return back_to_field(topic_id)


@bp.post("/me/fields/<topic_id>/exclusions")
@login_required
@limiter.limit("60 per minute")
def create_exclusion(topic_id: str) -> ResponseReturnValue:
    commands.put_aside(topic_of(topic_id), by=person(), **piece_of_evidence())
    return back_to_field(topic_id)


@bp.post("/me/fields/<topic_id>/exclusions/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_exclusion(topic_id: str) -> ResponseReturnValue:
    commands.count_again(topic_of(topic_id), by=person(), **piece_of_evidence())
    return back_to_field(topic_id)


@bp.get("/u/<name>/verification")
@login_required
def new_verification(name: str) -> ResponseReturnValue:
    who = verifiable_person(name)
    return show_verification_form(who, VerificationForm(formdata=None))


@bp.post("/u/<name>/verification")
@login_required
@limiter.limit("60 per minute")
def create_verification(name: str) -> ResponseReturnValue:
    who, form = verifiable_person(name), VerificationForm()
    if not form.validate_on_submit():
        return show_verification_form(who, form), 422
    topic = topic_of(form.topic.data)
    commands.verify_field(who, topic, by=person(), note=form.note.data)
    flash(_("You have confirmed that they know this: %(topic)s.", topic=topic.name), "success")
    return see_other("accounts.show_person", name=who.name)


@bp.get("/verifications/<int:verification_id>/withdrawal")
@login_required
def new_withdrawal(verification_id: int) -> ResponseReturnValue:
    return show_withdrawal_form(withdrawable(verification_id), ReasonForm(formdata=None))


@bp.post("/verifications/<int:verification_id>/withdrawal")
@login_required
@limiter.limit("60 per minute")
def create_withdrawal(verification_id: int) -> ResponseReturnValue:
    verification, form = withdrawable(verification_id), ReasonForm()
    if not form.validate_on_submit():
        return show_withdrawal_form(verification, form), 422
    commands.withdraw_verification(verification, by=person(), reason=form.reason.data)
    flash(_("The confirmation is withdrawn."), "success")
    return see_other("accounts.show_person", name=verification.person.name)


@bp.post("/answers/<int:answer_id>/endorsements")
@login_required
@limiter.limit("60 per minute")
def create_endorsement(answer_id: int) -> ResponseReturnValue:
    answer, form = visible_answer(viewer(), answer_id), ReasonForm()
    require(can_endorse(viewer(), answer))
    if not form.validate_on_submit():
        return show_endorsement_form(answer, form), 422
    commands.endorse_answer(answer, by=person(), reason=form.reason.data)
    return back_to(answer.question, f"answer-{answer.id}")


@bp.post("/answers/<int:answer_id>/endorsements/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_endorsement(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    commands.withdraw_endorsement(answer, by=person())
    return back_to(answer.question, f"answer-{answer.id}")


@bp.post("/answers/<int:answer_id>/endorsements/<int:endorser_id>/removal")
@login_required
@limiter.limit("60 per minute")
def destroy_endorsement_of(answer_id: int, endorser_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    commands.remove_endorsement(answer, endorser_id=endorser_id, by=person())
    return back_to(answer.question, f"answer-{answer.id}")


@adds_to("accounts/person.html")
def add_fields_of_person(context: dict[str, Any]) -> dict[str, Any]:
    who = context["person"]
    return {
        "fields": fields_with_evidence(viewer(), who),
        "topics": topics_shown(viewer(), who),
        "can_verify": can_verify(viewer(), who),
        "can_withdraw": can_withdraw,
    }


@adds_to("questions/show.html")
def add_endorsements(context: dict[str, Any]) -> dict[str, Any]:
    question, answers = context["question"], context["answers"]
    given = endorsements_of(viewer(), question) if answers else {}
    return {"endorsements": given, "endorsable": endorsable(viewer(), question, answers, given)}


def show_own_fields(form: FieldForm) -> str:
    fields = own_fields(person())
    return render(
        "expertise/fields.html",
        fields=[each for each in fields if each.choice != "deleted" and (each.evidence or each.level)],
        deleted=[each for each in fields if each.choice == "deleted"],
        level_names=LEVEL_NAMES,
        levels=LEVELS,
        worth=_worth_shown(),
        thresholds={"well": WELL, "very_well": VERY_WELL},
        form=form,
    )


def _worth_shown() -> dict[str, str]:
    """What each kind of evidence weighs, and all support of one answer, as numbers are written in a text."""
    shown = {**WORTH, "supports": MOST_SUPPORTS * WORTH["supported"]}
    return {kind: f"{weight:.2g}" for kind, weight in shown.items()}


def back_to_field(topic_id: str) -> Response:
    return see_other(".index_fields", _anchor=f"field-{topic_id}")


def piece_of_evidence() -> dict[str, Any]:
    form = EvidenceForm()
    if not form.validate_on_submit():
        abort(400)
    return {"kind": form.kind.data, "subject_id": form.subject.data}


def verifiable_person(name: str) -> User:
    who = person_named(name)
    require(
        can_verify(viewer(), who), _("Only moderators, and tutors of a group of theirs, can confirm what they know.")
    )
    return who


def show_verification_form(who: User, form: VerificationForm) -> str:
    confirmations = confirmations_shown(who)
    return render(
        "expertise/verification.html", person=who, form=form, confirmations=confirmations, can_withdraw=can_withdraw
    )


def withdrawable(verification_id: int) -> Verification:
    """For everyone who cannot withdraw it, it does not exist."""
    verification = verification_with(verification_id)
    if not can_withdraw(viewer(), verification):
        raise NotThere(_("There is no such confirmation, or it was withdrawn."))
    return verification


def show_withdrawal_form(verification: Verification, form: ReasonForm) -> str:
    return render("expertise/withdrawal.html", verification=verification, form=form)


def show_endorsement_form(answer: Answer, form: ReasonForm) -> str:
    action = url_for(".create_endorsement", answer_id=answer.id)
    return render("expertise/endorse.html", answer=answer, form=form, action=action)
