"""What the course has for each section of an idea, and which ideas have a section that a nugget helps."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask_babel import force_locale
from sqlalchemy import select

from app.accounts.models import Viewer
from app.course.models import Nugget
from app.course.queries import nuggets_read_by
from app.database import db
from app.ideas.models import SECTIONS
from app.kept import kept
from app.matching.encoding import encoding
from app.matching.found import in_full
from app.matching.queries import Surroundings, nearest
from app.matching.reasons import anchor_of, section_name
from app.matching.standing import Standing, standing_of, visible_now, visible_rows
from app.matching.statistics import current_statistics
from app.matching.texts import Candidate, Quote, candidates, quotes_of, spoken_by, stored_query
from app.search.queries import Key, SubjectText
from app.search.rows import SubjectRow
from ml.features import Text
from ml.passages import Meeting, Shelf, Spoken, chosen
from ml.statistics import CorpusStatistics
from ml.texts import plain_text, word_count
from ml.words import terms

THIN_WORDS = 12
"""A section of fewer words is thin."""
THIN_AT_ONCE = 3
"""So many thin sections are spoken of while someone writes."""
IDEAS_LOOKED_AT = 60
IDEAS_SHOWN = 6
KEPT_MEETINGS = 4000
KEPT_COURSES = 4
ABOUT = ("title", "problem")
"""The sections that say what an idea is about."""
LANGUAGE = "en"
"""That of the course."""
SECTION_NAMES = tuple(section.key for section in SECTIONS)
QUESTION_SECTIONS = ("body", "tried")


@dataclass(frozen=True)
class Help:
    """A passage of a nugget that helps with a section of a text."""

    section: str
    row: SubjectRow
    passage: Quote
    meets: Quote | None
    """The sentence of the text that it meets; None where the section says little."""
    is_read: bool
    is_preferred: bool
    """Put before another one because the viewer has not read it."""

    @property
    def address(self) -> str:
        """Of the passage on the nugget's page."""
        return f"{self.row.address}#{anchor_of(self.row.key, self.passage.section)}"

    @property
    def section_label(self) -> str:
        return section_name(self.section)


@dataclass(frozen=True)
class CourseHelp:
    """By section: the passage that helps, and what to read where a section is thin."""

    passages: Mapping[str, Help] = field(default_factory=dict)
    to_fill: Mapping[str, Help] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.passages or self.to_fill)


@dataclass(frozen=True)
class Use:
    """An idea with a section that a nugget helps: the section, and its sentence that meets the passage."""

    row: SubjectRow
    section: str
    sentence: Quote

    @property
    def address(self) -> str:
        """Of the section on the idea's page."""
        return f"{self.row.address}#{anchor_of(self.row.key, self.section)}"

    @property
    def section_label(self) -> str:
        return section_name(self.section)


@dataclass(frozen=True)
class Uses:
    """Those that a page shows, and how many there are among the nearest ideas that the viewer may see."""

    shown: Sequence[Use] = ()
    count: int = 0


def course_beside(viewer: Viewer, standing: Standing, key: Key, written: Mapping[str, str]) -> CourseHelp:
    """For an idea that the viewer may see, `written` being its sections; what is thin is told to its author alone."""
    found = candidates(standing, [key])
    if key not in found:
        return CourseHelp()
    text = TextInSections.of(key, found[key], quotes_of(found)[key])
    is_own = viewer.is_signed_in and found[key].author_id == viewer.id
    thin = [section for section in SECTION_NAMES if is_own and is_thin(written.get(section, ""))]
    course = course_of(standing)
    return _help(viewer, standing, text, course.meetings(text), course.to_fill(text, thin))


def course_for_draft(around: Surroundings, draft: SubjectText) -> CourseHelp:
    """What to read for the thin sections that the writer of an idea has begun or passed over; for a question, the
    passages that help with it."""
    standing, query = around.standing, around.query
    text, course = TextInSections(query.key, query.by_encoder, query.quotes), course_of(standing)
    if draft.kind == "question":
        return _help(around.viewer, standing, text, course.meetings(text), [])
    thin = begun_or_passed_over(draft.sections)[:THIN_AT_ONCE]
    return _help(around.viewer, standing, text, [], course.to_fill(text, thin)) if thin else CourseHelp()


def ideas_using(viewer: Viewer, nugget_id: int) -> Uses:
    """The ideas with a section that this nugget helps, the best first; limited to what the viewer may see."""
    standing, key = standing_of(viewer), ("nugget", nugget_id)
    near = nearest(standing, stored_query(standing, key), kinds=["idea"], limit=IDEAS_LOOKED_AT)
    found = candidates(standing, sorted(visible_now(viewer, standing, {each.key for each in near})))
    course, quotes = course_of(standing), quotes_of(found)
    uses: list[tuple[Key, Meeting]] = []
    for idea in sorted(found):
        meetings = course.meetings(TextInSections.of(idea, found[idea], quotes[idea]))
        uses += [(idea, meeting) for meeting in meetings if meeting.key == key][:1]
    rows = visible_rows(viewer, standing, [idea for idea, _ in uses])
    uses = sorted((use for use in uses if use[0] in rows), key=lambda use: -use[1].score)
    shown = [
        Use(rows[idea], meeting.section, quotes[idea][meeting.mine])
        for idea, meeting in uses[:IDEAS_SHOWN]
        if meeting.mine is not None
    ]
    return Uses(shown, len(uses))


def is_thin(text: str) -> bool:
    return word_count(plain_text(text)) < THIN_WORDS


def begun_or_passed_over(sections: Mapping[str, str]) -> list[str]:
    """Of an idea's sections those that say little though something stands in them or in a later one."""
    written = [place for place, section in enumerate(SECTION_NAMES) if sections.get(section)]
    reached = SECTION_NAMES[: written[-1] + 1] if written else ()
    return [section for section in reached if is_thin(sections.get(section, ""))]


@dataclass(frozen=True, eq=False)
class TextInSections:
    """A text with its vectors by each encoder that reads it, and the sentences that these are of."""

    key: Key | None
    by_encoder: Mapping[str, Text]
    quotes: Sequence[Quote]
    digest: str = ""
    """Of what is kept of it; empty while it is being written."""

    @classmethod
    def of(cls, key: Key, candidate: Candidate, quotes: Sequence[Quote]) -> TextInSections:
        return cls(key, spoken_by(candidate, quotes), quotes, candidate.digest)

    def spoken(self, encoder: str, statistics: CorpusStatistics) -> Spoken:
        """As `ml` compares it, by an encoder that reads it."""
        text = self.by_encoder[encoder]
        return Spoken(
            key=self.key,
            sentences=statistics.sentences(in_full(text.sentences)) if len(text.sentences) else text.sentences,
            sections=[quote.section for quote in self.quotes],
            terms=[frozenset(terms(quote.text, quote.language)) for quote in self.quotes],
            language=text.language,
        )


@dataclass(frozen=True, eq=False)
class Course:
    """The nuggets as they are compared with sections, by each encoder that reads them."""

    mark: Hashable
    """Equal marks mean equal vectors."""
    shelves: Mapping[str, Shelf]
    quotes: Mapping[Key, Sequence[Quote]]

    def meetings(self, text: TextInSections) -> list[Meeting]:
        """Those of its sections with the nuggets; kept while text and course stay, unless it is being written."""
        if not text.quotes:
            return []
        if not text.digest:
            return self._met(text)
        kept_meetings, wanted = kept("meetings", most=KEPT_MEETINGS), (self.mark, text.key, text.digest)
        found: list[Meeting] | None = kept_meetings.get(wanted)
        if found is None:
            found = self._met(text)
            kept_meetings.put(wanted, found)
        return found

    def _met(self, text: TextInSections) -> list[Meeting]:
        shelf = self._shelf_for(text)
        return shelf.meetings(text.spoken(shelf.statistics.encoder, shelf.statistics)) if shelf else []

    def to_fill(self, text: TextInSections, sections: Sequence[str]) -> list[Meeting]:
        """What to read for these sections. Nothing while the encoder's weights are being loaded."""
        shelf = self._shelf_for(text)
        if not shelf or not sections or not encoding().is_warm:
            return []
        name = shelf.statistics.encoder
        encoder = next(each for each in encoding().encoders.encoders if each.name == name)
        vectors = shelf.statistics.sentences(
            encoding().encode_kept(encoder, [asked_in(section) for section in sections])
        )
        about = text.spoken(name, shelf.statistics).only(ABOUT)
        return shelf.to_fill(about, dict(zip(sections, vectors, strict=True)))

    def _shelf_for(self, text: TextInSections) -> Shelf | None:
        """By the first encoder that reads both the text and the course, if there is one."""
        return next((self.shelves[name] for name in text.by_encoder if name in self.shelves), None)


def course_of(standing: Standing) -> Course:
    """The nuggets, read again when anything that can be matched changes: they are few, and all are compared."""
    kept_courses = kept("courses", most=KEPT_COURSES)
    wanted = (standing.encoders, standing.generation, standing.statistics_at)
    course: Course | None = kept_courses.get(wanted)
    if course is None:
        course = _read_course(standing)
        kept_courses.put(wanted, course)
    return course


def asked_in(section: str) -> str:
    """What the form asks in a section, in the language of the course."""
    with force_locale(LANGUAGE):
        return next(f"{each.label}. {each.help}" for each in SECTIONS if each.key == section)


def _read_course(standing: Standing) -> Course:
    nuggets: list[Key] = [
        ("nugget", nugget_id) for nugget_id in db.session.scalars(select(Nugget.id).order_by(Nugget.id))
    ]
    found = {key: each for key, each in candidates(standing, nuggets).items() if each.by_encoder}
    quotes, statistics = quotes_of(found), current_statistics(standing)
    texts = [TextInSections.of(key, found[key], quotes[key]) for key in sorted(found)]
    names = dict.fromkeys(name for text in texts for name in text.by_encoder if name in statistics)
    shelves = {
        name: Shelf.of(
            [each.spoken(name, statistics[name]) for each in texts if name in each.by_encoder], statistics[name]
        )
        for name in names
    }
    mark = (standing.encoders, standing.statistics_at, tuple((text.key, text.digest) for text in texts))
    return Course(mark, shelves, quotes)


def _help(
    viewer: Viewer, standing: Standing, text: TextInSections, meetings: Sequence[Meeting], to_fill: Sequence[Meeting]
) -> CourseHelp:
    """The best for each section, those that the viewer has not read before others."""
    if not meetings and not to_fill:
        return CourseHelp()
    course, read = course_of(standing), nuggets_read_by(viewer)
    unread = {key for key in course.quotes if key[1] not in read} if read else set()
    filling = chosen(to_fill, unread=unread, is_repeated=False)
    helping = chosen([meeting for meeting in meetings if meeting.section not in filling], unread=unread)
    keys = {meeting.key: cast(Key, meeting.key) for meeting in (*filling.values(), *helping.values())}
    rows = visible_rows(viewer, standing, list(keys.values()))

    in_forms = (*SECTION_NAMES, *QUESTION_SECTIONS)

    def shown(found: Mapping[str, Meeting]) -> dict[str, Help]:
        in_order = [(section, found[section]) for section in in_forms if section in found]
        return {
            section: Help(
                section=section,
                row=rows[keys[meeting.key]],
                passage=course.quotes[keys[meeting.key]][meeting.theirs],
                meets=text.quotes[meeting.mine] if meeting.mine is not None else None,
                is_read=keys[meeting.key][1] in read,
                is_preferred="unread" in meeting.parts,
            )
            for section, meeting in in_order
            if meeting.key in rows
        }

    return CourseHelp(passages=shown(helping), to_fill=shown(filling))
