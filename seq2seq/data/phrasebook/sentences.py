"""Random sentences: clauses with their times, reports, conditions, and chains of them up to any length."""

from random import Random
from typing import NamedTuple

from seq2seq.data.phrasebook import clauses
from seq2seq.data.phrasebook.clauses import Clause, VerbGroup
from seq2seq.data.phrasebook.draws import TIMES, human, moment, pick
from seq2seq.data.phrasebook.events import Draft, event, words
from seq2seq.data.phrasebook.lexicon import verbs_of
from seq2seq.data.phrasebook.questions import wh_question
from seq2seq.data.phrasebook.states import presentation, state, there, weather

_TIMES = ("present",) * 8 + ("past",) * 10 + ("future",) * 4 + ("conditional",)
_PATTERNS = (event,) * 12 + (state,) * 6 + (weather,) + (there,) * 2 + (presentation,)
_CONDITIONED = (event,) * 6 + (state, weather)
# The words that a pattern needs at the least, if more than three.
_LEAST_WORDS = {there: 6, presentation: 4}
# Times at which "there is" and "this is" would be far-fetched.
_NARROW = ("background", "reported", "conditional", "prospect", "hypothesis")
_REPORTS = verbs_of("that")
_JOINTS = (
    ((", and", ", et"),) * 4 + ((", but", ", mais"),) * 3 + ((" because", " parce que"),) * 4 + ((", so", ", donc"),)
)
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


def draft(rng: Random, time: str, room: int, question: bool = False) -> Draft:
    """A clause of any pattern that fits in the room."""
    pattern = pick(rng, _PATTERNS)
    if room < _LEAST_WORDS.get(pattern, 0) or (pattern in _LEAST_WORDS and time in _NARROW):
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
    core = draft(rng, time, room - 2 if wanted and room > 4 else room)
    clause = core.statement()
    blocked = (core.group.adverb[0] and core.group.form == "present") or core.group.negation in ("never", "no longer")
    if core.times != "since" and (not wanted or core.times not in TIMES or blocked):
        return Sentence(clause.english, clause.french, clause)
    first = lead and rng.random() < 0.4
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


def condition(rng: Random, room: int, lead: bool) -> Sentence:
    """If it rains, I will stay at home; I was sleeping when he arrived."""
    main_time, time, english, french = pick(rng, _CONDITIONS)
    half = max(2, (room - 1) // 2)
    main_pattern = state if main_time == "conditional" and rng.random() < 0.2 else event
    core = main_pattern(rng, main_time, room - 1 - half)
    main = (event(rng, "future", room - 1 - half) if core.times == "since" else core).statement()
    pattern = event if time == "simple past" else pick(rng, _CONDITIONED)
    other = pattern(rng, time, half).statement()
    if lead and rng.random() < 0.4:
        return Sentence(f"{english} {other.english}, {main.english}", f"{french} {other.french}, {main.french}", main)
    return Sentence(f"{main.english} {english} {other.english}", f"{main.french} {french} {other.french}", main)


def unit(rng: Random, time: str, room: int, lead: bool, final: bool) -> Sentence:
    """One statement of the kinds that may be chained."""
    draw = rng.random()
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
    size = min(int(room * (0.35 + 0.25 * rng.random())), 6 + int(rng.random() * 8))
    whole = unit(rng, time, size, True, False)
    while (left := room - words(whole.english) - 1) >= 3:
        last = left <= 12
        size = left if last else min(left - 4, 5 + int(rng.random() * 8))
        english, french = pick(rng, _JOINTS)
        part = unit(rng, time, size, False, last and whole.year is None)
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
