"""Sections of settings that are written in Python."""

import pytest

from seq2seq.settings.config import Config, Corpus, Data, Model, Training, Translation


def test_settings_cannot_be_changed_afterwards(raises):
    with raises("settings do not change: make others with model_copy(update={'cell': 'lstm'})"):
        Config().model.cell = "lstm"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Translation(beam_size=0), "beam_size: Input should be greater than or equal to 1 (received 0)"),
        (lambda: Translation(beams=3), "beams: unknown key; did you mean 'beam_size'?"),
        (lambda: Translation({"beam_size": 3}), "Translation takes settings by name, received {'beam_size': 3}"),
        (lambda: Corpus(path=3), "path: Input should be a valid string (received 3)"),
        (lambda: Config(training=3), "training: Input should be a valid dictionary or instance of Training (received"),
        (lambda: Config(data={"train": [3]}), "data.train.0: Input should be a valid dictionary or instance of Corpus"),
        (lambda: Config(model=Model(shared_embeddings=True), tokenizer={"shared": False}), "needs tokenizer.shared"),
        (lambda: Translation().model_copy(update={"beam_size": 0}), "beam_size: Input should be greater than or"),
    ],
)
def test_settings_written_in_python_are_refused_in_the_words_for_a_file(make, message, raises):
    with raises(message):
        make()


def test_all_faults_of_a_section_written_in_python_are_named(raises):
    with raises("Data: 2 settings cannot be used:", "train.0: ", "max_source_tokens: "):
        Data(train=[3], max_source_tokens=0)


def test_copy_remembers_which_settings_were_chosen():
    """Fine-tuning takes those from the parent that were not."""
    copied = Training(epochs=3).model_copy(update={"seed": 2})
    assert copied == Training(epochs=3, seed=2)
    assert copied.model_fields_set == {"epochs", "seed"}
