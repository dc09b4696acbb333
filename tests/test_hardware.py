"""What is said of the machine that a run is trained on."""

import os

import keras

from seq2seq import hardware


def test_description_names_backend_versions_and_hardware():
    about = hardware.describe()
    assert about["backend"] == keras.backend.backend()
    assert about["keras"] == keras.__version__
    assert about["hardware"].endswith(f", {os.cpu_count()} cores")
    assert all(isinstance(value, str) and value for value in about.values())


def test_bfloat16_question_has_an_answer():
    assert hardware.has_fast_bfloat16() in (True, False)


def test_device_without_a_gpu_is_the_processor(monkeypatch):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: [])
        assert hardware.device() == "CPU"
    else:
        assert hardware.device()
