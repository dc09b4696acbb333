"""Which runs serve which languages."""

import logging
from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.serving.pairs import Catalogue, open_pairs
from seq2seq.serving.refusals import BadRequest

STORED = Path(__file__).parents[1] / "stored_runs"


class Pair:
    """A pair of languages without a translator."""

    def __init__(self, source, target):
        self.source, self.target = source, target


def test_first_run_serves_the_languages_that_several_translate(caplog):
    caplog.set_level(logging.INFO)
    pairs = open_pairs([STORED / "finetuned", STORED / "plain"][:1])
    assert [(pair.source, pair.target) for pair in pairs] == [("en", "de"), ("en", "fr")]
    assert pairs[0].translator.engine is pairs[1].translator.engine
    assert pairs[0].translator.start_symbol != pairs[1].translator.start_symbol
    with pytest.raises(ConfigError, match="plain translates nothing that an earlier run does not"):
        open_pairs([STORED / "finetuned", STORED / "plain"])
    assert "both translate en to fr: the first one does it" in caplog.text


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="is not a run"):
        open_pairs([tmp_path])


def test_pairs_are_found_by_language_in_any_case():
    catalogue = Catalogue([Pair("en", "pt-BR"), Pair("en", "fr"), Pair("es", "fr")])
    assert catalogue.find("EN", "PT-br") is catalogue.pairs[0]
    assert catalogue.find("auto", "pt-BR") is catalogue.pairs[0]
    assert catalogue.find("en", "") is catalogue.pairs[0]
    assert (catalogue.sources, catalogue.targets("en")) == (["en", "es"], ["pt-BR", "fr"])
    with pytest.raises(BadRequest, match="several source languages are served: set source instead of auto"):
        catalogue.find("auto", "fr")
    with pytest.raises(BadRequest, match="'fr' to 'en' are not served: choose of en to pt-BR, en to fr, es to fr"):
        catalogue.find("fr", "en")
