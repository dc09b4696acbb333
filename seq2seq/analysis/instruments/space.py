"""What does the space of summaries look like? Its directions, its units, who is near whom, and what lies between."""

from random import Random

import numpy as np

from seq2seq.analysis.english import dated, exchanged
from seq2seq.analysis.geometry import apart, cosine_distances, plane, spread, units
from seq2seq.analysis.instruments import space_section
from seq2seq.analysis.instruments.space_section import EXCHANGED, MOVED, STEPS, SWAPPED
from seq2seq.analysis.section import Analysis, Figures
from seq2seq.analysis.statistics import estimate, p_value
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.words import swapped

_FEWEST = 10  # different sentences
_EXAMPLES = 5  # sentences whose neighbours are listed
_NEIGHBOURS = 3  # of each of them
_NAMED = 6  # sentences that are named on the map
_PAIRS = 150  # of each kind, at most
_BETWEEN = 64  # pairs with a line of summaries between them
_SHOWN = 3  # of these lines, with their translations
_SEED = 9


def measure(subject: Subject) -> Figures:
    """Everything about the summaries of the different sentences of the test set."""
    kept = {text: row for row, text in enumerate(subject.sentences.sources) if subject.source_ids[row]}
    texts, rows = list(kept), list(kept.values())
    if len(texts) < _FEWEST:
        return {"left_out": f"fewer than {_FEWEST} different test sentences"}
    vectors = subject.summaries[rows]
    ids = [subject.source_ids[row] for row in rows]
    cloud, silent = spread(vectors), units(vectors)
    return {
        "sentences": len(texts),
        "numbers": vectors.shape[1],
        "effective_rank": round(cloud.effective_rank, 2),
        "components": list(cloud.components),
        "variance_shares": [round(float(share), 6) for share in cloud.shares],
        "most_directions": cloud.most,
        "dead_units": int(silent.dead.sum()),
        "saturated_units": int(silent.saturated.sum()),
        "saturated_share": silent.saturated_share,
        "map": _map(texts, ids, vectors),
        "neighbours": _neighbours(texts, ids, vectors),
        "pairs": _pairs(subject, texts, vectors.mean(axis=0)),
        "between": _between(subject, texts, ids, vectors),
    }


def _map(texts: list[str], ids: list[list[int]], vectors: np.ndarray) -> Figures:
    """Places on the first two principal components, and some sentences to be named there."""
    places = plane(vectors)
    named = np.linspace(0, len(texts) - 1, _NAMED).astype(int)
    by_place = np.argsort(places[:, 0], kind="stable")[named]
    return {
        "x": [round(float(x), 3) for x in places[:, 0]],
        "y": [round(float(y), 3) for y in places[:, 1]],
        "lengths": [len(sentence) for sentence in ids],
        "named": [[int(row), texts[row]] for row in by_place],
    }


def _neighbours(texts: list[str], ids: list[list[int]], vectors: np.ndarray) -> Figures:
    """The nearest sentences of some, and what nearest sentences have in common beside any two."""
    distances = cosine_distances(vectors)
    usual = distances[~np.eye(len(texts), dtype=bool)].mean()
    relative = distances / max(usual, 1e-12)
    np.fill_diagonal(relative, np.inf)
    nearest = relative.argsort(axis=1, kind="stable")[:, :_NEIGHBOURS]
    anyone = np.roll(np.random.default_rng(_SEED).permutation(len(texts)), 1)
    others = np.empty_like(anyone)
    others[anyone] = np.roll(anyone, -1)
    by_length = np.argsort([len(sentence) for sentence in ids], kind="stable")
    shown = by_length[np.linspace(0, len(texts) - 1, _EXAMPLES + 2).astype(int)[1:-1]]
    sets = [set(sentence) for sentence in ids]
    figures: Figures = {"distance": estimate(relative[np.arange(len(texts)), nearest[:, 0]])._asdict()}
    for name, of in (
        ("pieces_in_common", lambda i, j: 100 * len(sets[i] & sets[j]) / len(sets[i] | sets[j])),
        ("difference_in_length", lambda i, j: abs(len(ids[i]) - len(ids[j]))),
    ):
        near, usually = ([of(i, j) for i, j in enumerate(partners)] for partners in (nearest[:, 0], others))
        figures[name] = {
            "nearest": estimate(near)._asdict(),
            "any": estimate(usually)._asdict(),
            "p": p_value(near, usually),
        }
    figures["examples"] = [
        {"text": texts[i], "nearest": [[texts[j], round(float(relative[i, j]), 3)] for j in nearest[i]]} for i in shown
    ]
    return figures


def _pairs(subject: Subject, texts: list[str], centre: np.ndarray) -> Figures:
    """How far pairs that differ in order are apart, and how often their translations differ."""
    draw = Random(_SEED)
    kinds = {SWAPPED: [(text, other) for text in texts if (other := swapped(text, draw))][:_PAIRS]}
    if subject.reads_english:
        kinds[EXCHANGED] = list(exchanged(_PAIRS))
        kinds[MOVED] = [(clause.last, clause.first) for clause in dated(_PAIRS)]
    figures = {}
    for kind, pairs in kinds.items():
        if len(pairs) < _FEWEST:
            continue
        first, second = (subject.translator.encode([pair[side] for pair in pairs]) for side in (0, 1))
        distance = apart(first, second, centre)
        ours, theirs = (subject.translator.translate([pair[side] for pair in pairs]) for side in (0, 1))
        figures[kind] = {
            "euclidean": distance.euclidean._asdict(),
            "cosine": distance.cosine._asdict(),
            "pairs": len(pairs),
            "by_pair": [round(float(value), 4) for value in distance.by_pair],
            "translated_apart": estimate([float(a != b) for a, b in zip(ours, theirs, strict=True)])._asdict(),
            "example": list(pairs[0]),
        }
    return figures


def _between(subject: Subject, texts: list[str], ids: list[list[int]], vectors: np.ndarray) -> Figures:
    """Translations of what lies on the straight line between two summaries; nothing with attention."""
    if subject.model.decoder.attention is not None:
        return {}
    order = np.random.default_rng(_SEED).permutation(len(texts))[: 2 * _BETWEEN]
    first, second = order[: len(order) // 2], order[len(order) // 2 : len(order) // 2 * 2]
    lengths = np.array([len(sentence) for sentence in ids])
    parts = np.asarray(STEPS)[:, None]
    line = (1 - parts)[..., None] * vectors[first] + parts[..., None] * vectors[second]  # (steps, pairs, S)
    tokens = np.rint((1 - parts) * lengths[first] + parts * lengths[second]).astype(int)
    hypotheses = subject.translator.translate_summaries(line.reshape(-1, line.shape[-1]), tokens.ravel())
    scores = np.array([hypothesis.score for hypothesis in hypotheses]).reshape(tokens.shape)
    written = np.array([hypothesis.text for hypothesis in hypotheses], object).reshape(tokens.shape)
    return {
        "pairs": len(first),
        "log_probs": [estimate(row)._asdict() for row in scores],
        "p_middle": p_value(scores[len(STEPS) // 2], (scores[0] + scores[-1]) / 2),
        "middle_is_an_end": float(np.mean((written[len(STEPS) // 2] == written[0]) | (written[2] == written[-1]))),
        "examples": [
            {"first": texts[first[k]], "second": texts[second[k]], "translations": list(written[:, k])}
            for k in range(min(_SHOWN, len(first)))
        ],
    }


ANALYSIS = Analysis(
    "space",
    "The space of summaries",
    "What does the space look like, and does h(T) keep the order of words?",
    "The summaries of the test set are a cloud of points with as many coordinates as h(T) has numbers. Its effective "
    "rank is the participation ratio of the covariance's eigenvalues: 10 means that it spreads as evenly spread "
    "points in 10 dimensions would. Few sentences cannot show many directions. A dead unit hardly changes from "
    "sentence to sentence, a saturated one sits at an end of its range; neither says much. Neighbours are compared by "
    "the cosine, seen from the mean of the cloud, and distances are multiples of what two sentences usually have. "
    "For pairs, 1 is the distance of two unrelated sentences of the same kind and 0 would be blindness to the "
    "difference: 'The cat sees the dog.' and 'The dog sees the cat.' have the same words and must not meet, while "
    "moving a year from the end to the beginning changes no meaning. The last picture walks in a straight line from "
    "one sentence's summary to another's and lets the decoder write what it finds; where it is less sure than at the "
    "ends, there are gaps between sentences.",
    "Schwenk and Douze 2017 (arXiv:1704.04154) on neighbours; Bowman et al. 2016 (arXiv:1511.06349) on the way between "
    "two sentences.",
    measure,
    space_section.present,
    seconds=3.5,
)
