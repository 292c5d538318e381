"""Pages of people: registration, sign-in, sessions, profiles, the directory."""

from __future__ import annotations

import hashlib
from typing import cast

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import login_required

from app.accounts.commands import (
    NameTaken,
    WrongCredentials,
    WrongPassword,
    change_email,
    change_password,
    change_profile,
    confirm_email,
    end_other_sessions,
    end_session,
    introduce,
    open_session,
    register,
    send_confirmation,
    sign_in,
    sign_out,
)
from app.accounts.forms import EmailForm, IntroductionForm, PasswordForm, ProfileForm, RegistrationForm, SignInForm
from app.accounts.models import User
from app.accounts.policy import can_edit_profile
from app.accounts.queries import open_sessions, person_named, person_to_confirm, short_name
from app.limits import limiter
from app.web import THEMES, local_path, render, see_other, viewer

bp = Blueprint("accounts", __name__)
YEAR_SECONDS = 365 * 24 * 3600
QUEUE = "/queue"


def name_tried() -> str:
    """Whom a sign-in is tried for: one count for each account, however its name is typed, and a key of fixed length."""
    name = short_name(request.form.get("name", ""))
    return f"name-{hashlib.sha256(name.encode()).hexdigest()}"


@bp.get("/register")
def new_account() -> ResponseReturnValue:
    if viewer().is_signed_in:
        return redirect(local_path(request.args.get("next")), 303)
    form = RegistrationForm(data={"comes_to": request.args.get("to")})
    return render("accounts/register.html", form=form, next=request.args.get("next", ""))


@bp.post("/register")
@limiter.limit("10 per hour", key_func=get_remote_address)
def create_account() -> ResponseReturnValue:
    form = RegistrationForm()
    if form.validate_on_submit():
        try:
            person = register(**form.facts())
        except NameTaken as refusal:
            form.name.errors = [refusal.message]
        else:
            open_session(person)
            return see_other("accounts.edit_introduction", next=first_page_of(person))
    return render("accounts/register.html", form=form, next=request.form.get("next", "")), 422


@bp.get("/welcome")
@login_required
def edit_introduction() -> ResponseReturnValue:
    form = IntroductionForm.of(signed_in_person())
    return render("accounts/welcome.html", form=form, next=local_path(request.args.get("next")))


@bp.post("/welcome")
@login_required
def update_introduction() -> ResponseReturnValue:
    person, path = signed_in_person(), local_path(request.form.get("next"))
    form = IntroductionForm.of(person)
    if not form.validate_on_submit():
        return render("accounts/welcome.html", form=form, next=path), 422
    introduce(person, **form.facts())
    flash(_("Thank you. You can change all of this under Profile and settings."), "success")
    return redirect(path, 303)


@bp.get("/sign-in")
def new_session() -> ResponseReturnValue:
    if viewer().is_signed_in:
        return redirect(local_path(request.args.get("next")), 303)
    return render("accounts/sign_in.html", form=SignInForm(), next=request.args.get("next", ""))


@bp.post("/sign-in")
@limiter.limit("10 per 5 minutes", key_func=get_remote_address)
@limiter.limit("10 per 5 minutes", key_func=name_tried)
@limiter.limit("1000 per 5 minutes", key_func=lambda: "everybody")
def create_session() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit():
        try:
            person = sign_in(**form.facts())
        except WrongCredentials as refusal:
            form.form_errors.append(refusal.message)
        else:
            return redirect(first_page_of(person), 303)
    return render("accounts/sign_in.html", form=form, next=request.form.get("next", "")), 422


@bp.post("/sign-out")
@login_required
def destroy_session() -> ResponseReturnValue:
    sign_out(signed_in_person())
    flash(_("You are signed out."), "success")
    return redirect("/", 303)


@bp.get("/me")
@login_required
def edit_profile() -> ResponseReturnValue:
    return render("accounts/profile.html", form=ProfileForm.of(signed_in_person()))


@bp.post("/me")
@login_required
@limiter.limit("30 per hour")
def update_profile() -> ResponseReturnValue:
    person = signed_in_person()
    form = ProfileForm.of(person)
    if not form.validate_on_submit():
        return render("accounts/profile.html", form=form), 422
    change_profile(person, by=person, **form.facts())
    flash(_("Your profile is saved."), "success")
    return see_other("accounts.show_person", name=person.name)


@bp.get("/me/sessions")
@login_required
def index_sessions() -> ResponseReturnValue:
    return render("accounts/sessions.html", sessions=open_sessions(signed_in_person()))


@bp.post("/me/sessions/<digest>/closure")
@login_required
def destroy_one_session(digest: str) -> ResponseReturnValue:
    person = signed_in_person()
    end_session(person, by=person, digest=digest)
    flash(_("That device is signed out."), "success")
    return see_other("accounts.index_sessions")


@bp.post("/me/sessions/closure")
@login_required
def destroy_other_sessions() -> ResponseReturnValue:
    person = signed_in_person()
    end_other_sessions(person, by=person)
    flash(_("You are signed out everywhere but here."), "success")
    return see_other("accounts.index_sessions")


@bp.get("/me/mail")
@login_required
def edit_email() -> ResponseReturnValue:
    return render("accounts/email.html", form=EmailForm(data={"email": signed_in_person().email}))


@bp.post("/me/mail")
@login_required
@limiter.limit("10 per hour")
def update_email() -> ResponseReturnValue:
    person, form = signed_in_person(), EmailForm()
    if not form.validate_on_submit():
        return render("accounts/email.html", form=form), 422
    change_email(person, by=person, email=form.email.data)
    flash(_("Your address is saved.") if form.email.data else _("Your address is forgotten."), "success")
    return see_other("accounts.edit_email")


@bp.post("/me/mail/links")
@login_required
@limiter.limit("10 per hour")
def create_email_link() -> ResponseReturnValue:
    if send_confirmation(signed_in_person()):
        flash(_("A link is on its way to you."), "success")
    else:
        flash(_("No link was sent: the address is confirmed, or it got several links already. Try later."), "error")
    return see_other("accounts.edit_email")


@bp.get("/me/mail/confirmations/<token>")
def new_email_confirmation(token: str) -> ResponseReturnValue:
    """For whoever reads the mail, signed in or not; programs that open links in mails confirm nothing."""
    return render("accounts/confirmation.html", person=person_to_confirm(token)), {"Cache-Control": "no-store"}


@bp.post("/me/mail/confirmations/<token>")
def create_email_confirmation(token: str) -> ResponseReturnValue:
    confirm_email(person_to_confirm(token))
    return see_other("accounts.new_email_confirmation", token=token)


@bp.get("/me/password")
@login_required
def edit_password() -> ResponseReturnValue:
    return render("accounts/password.html", form=PasswordForm())


@bp.post("/me/password")
@login_required
@limiter.limit("10 per 5 minutes")
def update_password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            change_password(signed_in_person(), present=form.present.data, new=form.new.data)
        except WrongPassword as refusal:
            form.present.errors = [refusal.message]
        else:
            flash(_("Your password is changed, and your other devices are signed out."), "success")
            return see_other("accounts.index_sessions")
    return render("accounts/password.html", form=form), 422


@bp.get("/.well-known/change-password")
def find_password_form() -> ResponseReturnValue:
    """Where password managers look for it."""
    return redirect(url_for("accounts.edit_password"), 302)


@bp.get("/u/<name>")
def show_person(name: str) -> ResponseReturnValue:
    person = person_named(name)
    if name != person.name:
        return redirect(url_for("accounts.show_person", name=person.name), 301)
    return render("accounts/person.html", person=person, can_edit=can_edit_profile(viewer(), person))


@bp.post("/theme")
def update_theme() -> ResponseReturnValue:
    theme = request.form.get("theme")
    if theme not in THEMES:
        abort(400)
    response = current_app.make_response(redirect(local_path(request.form.get("next")), 303))
    is_secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie("theme", theme, max_age=YEAR_SECONDS, secure=is_secure, httponly=True, samesite="Lax")
    return response


def first_page_of(person: User) -> str:
    """Where a form of sign-in or registration leads: the page that was asked for, or what the person comes for."""
    path = local_path(request.form.get("next"))
    return QUEUE if path == "/" and person.is_here_to_answer else path


def signed_in_person() -> User:
    """Who asks, in views that demand sign-in."""
    return cast(User, viewer())
