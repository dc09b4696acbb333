"""Random sentences: clauses with their times, reports, conditions, and chains of them up to any length."""

import re
from random import Random
from typing import NamedTuple

from seq2seq.phrasebook import clauses
from seq2seq.phrasebook.clauses import Clause, VerbGroup
from seq2seq.phrasebook.draws import human, pick
from seq2seq.phrasebook.events import Draft, event, words
from seq2seq.phrasebook.lexicon import verbs_of
from seq2seq.phrasebook.questions import wh_question
from seq2seq.phrasebook.settings import TIMES, moment
from seq2seq.phrasebook.states import deed, presentation, somebody, state, there, weather

_TIMES = ("present",) * 8 + ("past",) * 10 + ("future",) * 4 + ("conditional",)
_PATTERNS = (event,) * 22 + (state,) * 11 + (weather,) * 2 + (there,) * 4 + (presentation,) * 2 + (deed,)
_CONDITIONED = (event,) * 6 + (somebody, somebody, weather)
# The words that a pattern needs at the least, if more than three.
_LEAST_WORDS = {there: 6, presentation: 4, deed: 5}
# Times at which "there is" and "this is" would be far-fetched.
_NARROW = ("background", "reported", "conditional", "prospect", "hypothesis")
_REPORTS = verbs_of("that")
# Reasons are not chained: not because ... because ... because.
_REASONS = ((" because", " parce que"), (" because", " parce que"), (" because", " parce que"), (", so", ", donc"))
_PLAIN_JOINTS: tuple[tuple[str, str], ...] = ((", and", ", et"),) * 4 + ((", but", ", mais"),) * 3
_JOINTS = _PLAIN_JOINTS + _REASONS
# "it" as an object, which a reader would take for the last thing named; its French is always masculine.
_IT = re.compile(r"(?<!when)(?<!if)(?<!that) it\b")
# The time of the main clause, of the clause that "when" or "if" begins, and these words.
_CONDITIONS = (
    ("future", "prospect", "when", "quand"),
    ("background", "simple past", "when", "quand"),
    ("present", "simple present", "when", "quand"),
    ("future", "simple present", "if", "si"),
    ("conditional", "hypothesis", "if", "si"),
)


class Sentence(NamedTuple):
    """A whole sentence before its capital and its final mark."""

    english: str
    french: str
    main: Clause
    year: int | None = None
    year_position: str | None = None
    question: bool = False


def draft(rng: Random, time: str, room: int, question: bool = False, lead: bool = True) -> Draft:
    """A clause of any pattern that fits in the room, and into the middle of a chain unless it leads one."""
    pattern = pick(rng, _PATTERNS)
    if pattern in _LEAST_WORDS and (not lead or room < _LEAST_WORDS[pattern] or time in _NARROW):
        pattern = event
    return pattern(rng, time, room, question)


def with_moment(rng: Random, core: Draft, clause: Clause, first: bool, year_allowed: bool) -> Sentence:
    """The clause with an adverbial of time, first or last."""
    english, french, year = moment(rng, core.times, year_allowed)
    first = first and core.times != "since"
    position = ("first" if first else "last") if year else None
    if first:
        return Sentence(f"{english}, {clause.english}", f"{french}, {clause.french}", clause, year, position)
    return Sentence(f"{clause.english} {english}", f"{clause.french} {french}", clause, year, position)


def timed(rng: Random, time: str, room: int, lead: bool = True, final: bool = True) -> Sentence:
    """A statement with or without an adverbial of time, which stands first only where the sentence begins."""
    wanted = room >= 4 and rng.random() < 0.55
    core = draft(rng, time, room - 2 if wanted and room > 4 else room, lead=lead)
    clause = core.statement()
    blocked = (core.group.adverb[0] and core.group.form == "present") or core.group.negation in ("never", "no longer")
    if core.times != "since" and (not wanted or core.times not in TIMES or blocked):
        return Sentence(clause.english, clause.french, clause)
    first = lead and rng.random() < 0.4
    if core.times == "era" and not (first or final):
        # Only a year fits, and a year stands at an end of the sentence.
        return Sentence(clause.english, clause.french, clause)
    return with_moment(rng, core, clause, first, first or final)


def report(rng: Random, time: str, room: int) -> Sentence:
    """He said that the president was a great man."""
    past = time == "past"
    subject = human(rng, 1 if room < 9 else pick(rng, (1, 2, 2, 3)))
    group = VerbGroup(pick(rng, _REPORTS), "past" if past else "present")
    left = room - words(subject.english) - 2
    core = draft(rng, "reported" if past else pick(rng, ("present", "past", "future")), left)
    told = core.statement()
    if core.times == "since":
        told = event(rng, "reported" if past else "future", left).statement()
    clause = clauses.clause(subject, group, (f"that {told.english}", f"que {told.french}"))
    return Sentence(clause.english, clause.french, clause)


def _subordinate(rng: Random, time: str, room: int) -> Clause:
    """What happens when, or if, something else does."""
    if time == "simple past":
        return event(rng, time, room, flag="sudden").statement()
    pattern = pick(rng, _CONDITIONED)
    core = event(rng, time, room, flag="event") if pattern is event else pattern(rng, time, room)
    return core.statement()


def condition(rng: Random, room: int, lead: bool) -> Sentence:
    """If it rains, I will stay at home; I was sleeping when he arrived."""
    main_time, time, english, french = pick(rng, _CONDITIONS)
    half = max(2, (room - 1) // 2)
    left = room - 1 - half
    if main_time == "conditional" and rng.random() < 0.2:
        main = somebody(rng, main_time, left).statement()
    else:
        main = event(rng, main_time, left, flag="event").statement()
    other = _subordinate(rng, time, half)
    if lead and rng.random() < 0.4:
        return Sentence(f"{english} {other.english}, {main.english}", f"{french} {other.french}, {main.french}", main)
    return Sentence(f"{main.english} {english} {other.english}", f"{main.french} {french} {other.french}", main)


def unit(rng: Random, time: str, room: int, lead: bool, final: bool, plain: bool = False) -> Sentence:
    """One statement of the kinds that may be chained; a plain one has no clause below it."""
    draw = 1.0 if plain else rng.random()
    if room >= 6 and draw < 0.12 and time in ("present", "past"):
        return report(rng, time, room)
    if room >= 7 and draw < 0.27:
        return condition(rng, room, lead)
    return timed(rng, time, room, lead, final)


def chain(rng: Random, room: int) -> Sentence:
    """Statements joined until the room is filled."""
    time = pick(rng, _TIMES)
    if room <= 8 or (room <= 13 and rng.random() < 0.6):
        return unit(rng, time, room, True, True)
    time = "present" if time == "conditional" else time
    size = min(int(room * (0.35 + 0.25 * rng.random())), 6 + int(rng.random() * 8))
    whole = unit(rng, time, size, True, False)
    joints = _JOINTS
    while (left := room - words(whole.english) - 1) >= 3:
        last = left <= 12
        size = left if last else min(left - 4, 5 + int(rng.random() * 8))
        english, french = pick(rng, joints)
        plain = (english, french) in _REASONS
        part = unit(rng, time, size, False, last and whole.year is None, plain)
        if _IT.search(part.english):
            continue
        joints = _PLAIN_JOINTS if plain else _JOINTS
        whole = whole._replace(
            english=f"{whole.english}{english} {part.english}",
            french=f"{whole.french}{french} {part.french}",
            year=whole.year or part.year,
            year_position=whole.year_position or part.year_position,
        )
        if last:
            break
    return whole


def yes_no(rng: Random, room: int) -> Sentence:
    """Do you like tea? / Est-ce que vous aimez le thé ?"""
    core = draft(rng, pick(rng, ("present", "asked", "future")), room - 1, question=True)
    clause = core.question()
    if core.times in TIMES and room > words(clause.english) + 1 and rng.random() < 0.6:
        return with_moment(rng, core, clause, False, True)._replace(question=True)
    return Sentence(clause.english, clause.french, clause, question=True)


def sentence(rng: Random, room: int) -> Sentence:
    """A sentence of about so many words."""
    draw = rng.random()
    if draw < 0.1 and room <= 14:
        return yes_no(rng, room)
    if draw < 0.22 and room <= 10:
        clause = wh_question(rng, room)
        return Sentence(clause.english, clause.french, clause, question=True)
    return chain(rng, room)
