"""The states of pages that every browser check goes through: what is seen, by whom, and how one comes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.world import World

LONG = "x" * 301
Way = Callable[[Page, World], None]


@dataclass(frozen=True)
class State:
    """A page as one visitor sees it. `visitor` is a field of World, or empty for a guest."""

    name: str
    visitor: str
    reach: Way

    def __str__(self) -> str:
        return f"{self.name}, {self.visitor or 'guest'}"


def at(path: str) -> Way:
    """Go to an address; `{idea}` and the like stand for the paths of the world."""

    def go(page: Page, world: World) -> None:
        page.goto(path.format(**world.paths))

    return go


def sent(path: str, button: str, typed: dict[str, str]) -> Way:
    """Fill fields of the form at an address, by their label, and press a button."""

    def go(page: Page, world: World) -> None:
        page.goto(path.format(**world.paths))
        for label, value in typed.items():
            page.get_by_label(label, exact=True).fill(value)
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()

    return go


def refused(path: str, button: str, typed: dict[str, str] | None = None) -> Way:
    """The same, and the form comes back with what is wrong."""

    def go(page: Page, world: World) -> None:
        sent(path, button, typed or {})(page, world)
        expect(page.get_by_role("alert").get_by_role("heading", name="There is a problem")).to_be_visible()

    return go


def composer_with_matches(page: Page, world: World) -> None:
    page.goto("/ideas/new")
    page.get_by_label("Title", exact=True).fill("Collect phone batteries at a school in Accra")
    expect(page.locator("#similar .match").first).to_be_visible()
    page.locator("#similar .meeting").first.locator("summary").click()


def composer_with_a_difference(page: Page, world: World) -> None:
    composer_with_matches(page, world)
    page.locator("#similar").get_by_role("radio", name="Differ").first.check()
    expect(page.locator("#similar").get_by_label("How yours differs, in one line").first).to_be_visible()


def composer_with_preview(page: Page, world: World) -> None:
    typed = {"Title": "A box for batteries at the gate", "The problem": "They **burn**."}
    sent("/ideas/new", "Preview", typed)(page, world)
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()


def question_with_preview(page: Page, world: World) -> None:
    page.goto(world.paths["question"])
    page.get_by_label("Your answer", exact=True).fill("Dry **sand**, not water.")
    page.locator("#answers").get_by_role("button", name="Preview").click()
    expect(page.locator("#answer-preview strong")).to_have_text("sand")


def question_with_refused_comment(page: Page, world: World) -> None:
    page.goto(world.paths["question"])
    page.get_by_label("Your answer", exact=True).fill("Half of an answer")
    answer = page.locator(".answer").first
    answer.locator("summary", has_text="Comment").click()
    answer.get_by_role("button", name="Post comment").click()
    expect(answer.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Your answer", exact=True)).to_have_value("Half of an answer")


def conflict(page: Page, world: World) -> None:
    page.route("**/matches/draft", lambda route: route.fulfill(body=""))  # or the page is left while it is on its way
    page.goto("{idea_parts}/edit".format(**world.paths))
    page.locator("#idea-form [name=seen]").evaluate("field => field.value = 1")
    page.get_by_label("Title", exact=True).fill("My other title for the battery box")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Put both texts together")).to_be_visible()
    page.get_by_text("The rest of your form").click()


def idea_with_all_open(page: Page, world: World) -> None:
    page.goto(world.paths["idea"])
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")


def stages_with_all_open(page: Page, world: World) -> None:
    page.goto(f"{world.paths['idea_parts']}/stage")
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")


def stage_not_reached(page: Page, world: World) -> None:
    stages_with_all_open(page, world)
    page.get_by_role("button", name="Move to Archived").click()
    expect(page.get_by_role("alert").get_by_role("heading", name="There is a problem")).to_be_visible()


def match_quality_with_tables(page: Page, world: World) -> None:
    page.goto("/match-quality")
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    expect(page.locator("#precision-days-title, #exposure-language-title")).to_have_count(2)


def shortcuts_open(page: Page, world: World) -> None:
    page.goto("/about")
    page.get_by_role("button", name="Keyboard shortcuts").click()


def menu_open(page: Page, world: World) -> None:
    page.goto("/about")
    page.locator("details.menu summary").click()


STATES = [
    State("first page", "", at("/")),
    State("desk", "author", at("/")),
    State("desk", "new", at("/")),
    State("ideas", "", at("/ideas")),
    State("ideas, filtered", "", at("/ideas?role=teacher&needs=recycler&sort=active")),
    State("ideas, none left", "", at("/ideas?country=GH&language=es&stage=ready&role=official&topic=batteries")),
    State("ideas, second page", "author", at("/ideas?page=2")),
    State("idea", "", at("{idea}")),
    State("idea, all details open", "author", idea_with_all_open),
    State("idea, to decide about", "moderator", idea_with_all_open),
    State("idea, asked to join", "other", at("{idea}")),
    State("stage of an idea", "", at("{idea_parts}/stage")),
    State("stage of an idea", "author", stages_with_all_open),
    State("stage of an idea, not reached", "author", stage_not_reached),
    State("supporters of an idea", "moderator", at("{idea_parts}/supporters")),
    State("lineage of an idea", "", at("{idea_parts}/lineage")),
    State("form of a copy", "other", at("/ideas/new?fork={idea_number}")),
    State("merge, to propose", "author", refused("{idea_parts}/merges/new", "Propose it")),
    State("idea, differing from another", "", at("{later_idea}")),
    State("join", "new", at("{idea_parts}/join")),
    State("join, asked before", "other", at("{idea_parts}/join")),
    State("join, taking someone off", "author", at("{removal}")),
    State("team", "", at("{idea_parts}/team")),
    State("team, of one's own idea", "author", at("{idea_parts}/team")),
    State("invite", "author", at("{idea_parts}/invitations/new?person=ama&role=recycler&person=nobody")),
    State("invite, nobody of this name", "author", at("{idea_parts}/invitations/new?person=nobody")),
    State("idea, invited to", "author", at("{invited}")),
    State("invitation", "author", at("{invitation}")),
    State(
        "invitation, refused", "author", refused("{invitation}", "Decline", {"A line to the author (optional)": LONG})
    ),
    State("ideas that need you", "other", at("/me/needed")),
    State("deleted, left to leave", "new", at("{left}")),
    State("demo idea", "other", at("{demo_idea}")),
    State("composer", "author", at("/ideas/new")),
    State("composer, refused", "author", refused("/ideas/new", "Publish", {"Title": "Short"})),
    State("composer, with matches", "author", composer_with_matches),
    State("composer, with a difference", "author", composer_with_a_difference),
    State("composer, building on an idea", "author", at("{build_on_idea}")),
    State("composer, with preview", "author", composer_with_preview),
    State("composer, with a draft to continue", "moderator", at("/ideas/new")),
    State("comment, with a draft to continue", "moderator", at("{idea}")),
    State("drafts", "moderator", at("/drafts")),
    State("drafts, none", "new", at("/drafts")),
    State("drafts, shared with one", "other", at("/drafts")),
    State("draft", "moderator", at("{draft}")),
    State("draft, shared with one", "other", at("{draft}")),
    State(
        "draft, shared with nobody known", "moderator", refused("{draft}", "Let them read it", {"Short names": "no"})
    ),
    State("draft, an earlier version", "moderator", at("{draft}/versions/1")),
    State("draft, delete", "moderator", at("{draft}/deletion")),
    State("idea, edit", "author", at("{idea_parts}/edit")),
    State("idea, saved by someone else", "author", conflict),
    State("idea, revisions", "", at("{idea_parts}/revisions")),
    State("idea, a revision", "", at("{idea_parts}/revisions/1")),
    State("idea, delete", "author", at("{idea_parts}/deletion")),
    State("idea, comment refused", "other", refused("{idea}", "Post comment")),
    State("questions", "", at("/questions")),
    State("questions, unanswered", "author", at("/questions?sort=unanswered")),
    State("question", "", at("{question}")),
    State("question, its own", "author", at("{question}")),
    State("question, answer refused", "other", refused("{question}", "Publish the answer")),
    State("question, answer previewed", "other", question_with_preview),
    State("question, comment on an answer refused", "other", question_with_refused_comment),
    State("answer, editing", "other", at("{answer}/edit")),
    State("answer, revisions", "", at("{answer}/revisions")),
    State("demo question", "moderator", at("{demo_question}")),
    State("question, closed", "other", at("{closed_question}")),
    State("question, a revision", "", at("{question_parts}/revisions/1")),
    State("question, close", "author", at("{question_parts}/closure")),
    State("question, to a comment", "author", at("{question_to_comment}")),
    State("ask, about an idea", "author", at("{ask_about}")),
    State("question, revisions", "", at("{question_parts}/revisions")),
    State("ask", "author", at("/questions/new")),
    State("question, waiting", "author", at("{open_question}")),
    State("question, claimed", "other", at("{open_question}")),
    State("queue", "other", at("/queue")),
    State("queue, no fields", "new", at("/queue")),
    State("queue, of a moderator", "moderator", at("/queue")),
    State("ask someone", "author", at("{open_question_parts}/asks")),
    State("hand on", "other", at("{open_question_parts}/handing-on")),
    State("course", "", at("/course")),
    State("module", "", at("/course/modules/2")),
    State("nugget", "author", at("/course/nuggets/m1n2")),
    State("resources", "", at("/resources")),
    State("resources, filtered", "", at("/resources?type=report")),
    State("resource", "", at("/resources/mooc-2016-page")),
    State("people", "", at("/people")),
    State("people, filtered", "author", at("/people?role=teacher")),
    State("person", "", at("/u/akosua")),
    State("person, oneself", "author", at("/u/akosua")),
    State("person, of the demo", "other", at("/u/efua-tagoe")),
    State("register", "", at("/register")),
    State("sign in", "", at("/sign-in")),
    State(
        "sign in, refused", "", refused("/sign-in", "Sign in", {"Short name": "akosua", "Password": "not the password"})
    ),
    State("welcome", "new", at("/welcome")),
    State("profile", "author", at("/me")),
    State("what one knows", "author", at("/me/fields")),
    State("confirm what someone knows", "moderator", at("/u/akosua/verification")),
    State("profile, refused", "author", refused("/me", "Save", {"Name that others see": ""})),
    State("sessions", "author", at("/me/sessions")),
    State("address", "author", at("/me/mail")),
    State("notices by mail", "author", at("/me/notices")),
    State("mails in development", "", at("/dev/mail")),
    State("password", "author", at("/me/password")),
    State("search, nothing asked", "", at("/search")),
    State("search", "", at("/search?q=battery+school")),
    State("search, nothing found", "author", at("/search?q=xylophone+zeppelin")),
    State("featured", "", at("/featured")),
    State("moderation log", "", at("/moderation/log")),
    State("moderation desk", "moderator", at("/moderation")),
    State("moderation, uncovered needs", "moderator", at("/moderation/needs")),
    State("moderation, a comment", "moderator", at("{hidden_comment}")),
    State("about", "", at("/about")),
    State("match quality", "", match_quality_with_tables),
    State("keyboard shortcuts", "", shortcuts_open),
    State("menu", "author", menu_open),
    State("not found", "", at("/ideas/999999")),
    State("deleted", "", at("{deleted}")),
    State("hidden from its author", "other", at("{hidden}")),
    State("not allowed", "other", at("{idea_parts}/edit")),
]
