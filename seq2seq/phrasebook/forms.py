"""Which form of the verb a time asks for, whether it is negated, and which adverbials of time go with it."""

from random import Random

from seq2seq.phrasebook.clauses import VerbGroup
from seq2seq.phrasebook.draws import pick
from seq2seq.phrasebook.lexicon import Verb
from seq2seq.phrasebook.nouns import NounPhrase

# Forms of the verb for each time that a sentence can ask for, for events and for states. "background" is what was
# going on, "reported" what somebody said, "asked" the past of questions.
EVENT_FORMS = {
    "present": ("present",) * 3 + ("progressive",) * 3,
    "past": ("past",) * 6 + ("past progressive", "past progressive", "perfect", "pluperfect"),
    "future": ("future", "future", "going to"),
    "conditional": ("conditional",),
    "background": ("past progressive",),
    "reported": ("past progressive", "pluperfect", "pluperfect", "conditional"),
    "asked": ("past", "past", "past", "past progressive", "perfect"),
}
STATE_FORMS = {
    "present": ("present",),
    "past": ("past",) * 4 + ("used to",),
    "future": ("future",),
    "conditional": ("conditional",),
    "background": ("past",),
    "reported": ("past",),
    "asked": ("past",),
}
# Times that leave no choice of form: when he comes, if I were rich, when he came, if it rains.
FIXED = {"prospect": "prospect", "hypothesis": "hypothesis", "simple past": "past", "simple present": "present"}


def form_of(rng: Random, verb: Verb, time: str) -> str:
    """A form of the verb for a time."""
    if time in FIXED:
        return FIXED[time]
    if "state" in verb.flags:
        return pick(rng, STATE_FORMS[time])
    form = pick(rng, EVENT_FORMS[time])
    if "noprog" in verb.flags and "progressive" in form:
        return {"present": "present", "background": "pluperfect", "reported": "pluperfect"}.get(time, "past")
    return form


def visible(verb: Verb, form: str, subject: NounPhrase) -> str:
    """The form, or another if the English would not show it: "I read" is always the present, "he read" the past."""
    if verb.english == verb.past and form in ("past", "hypothesis"):
        if verb.frame == "price":
            return "present"
        if subject.person != 3 or subject.plural:
            return "past progressive"
    return form


def negation_of(rng: Random, form: str, verb: Verb) -> str:
    """Mostly nothing; "never" and "no longer" only where they make sense."""
    draw = rng.random()
    if draw > 0.18 or form == "used to":
        return ""
    if draw < 0.03 and form in ("present", "past", "future") and verb.frame not in ("be", "from", "there", "loc"):
        return "never"
    return "no longer" if 0.03 <= draw < 0.05 and form == "present" and verb.frame != "from" else "not"


def times_of(group: VerbGroup) -> str:
    """The adverbials of time that fit: none for present states, seasons only for what is done in general."""
    if group.form == "present":
        if "state" in group.verb.flags:
            return ""
        return "season" if group.verb.frame in ("intr", "go") else "present"
    return "era" if group.form == "past" and "state" in group.verb.flags else group.form
