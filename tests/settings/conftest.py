"""What the tests of settings share: a settings file, and the error that they expect."""

import re

import pytest

from seq2seq.errors import ConfigError


@pytest.fixture
def settings_file(tmp_path):
    """Writes a settings file and gives its path."""

    def write(content, name="config.toml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture(scope="session")
def raises():
    """Expects a ConfigError whose message has all the given parts, in this order."""
    return lambda *parts: pytest.raises(ConfigError, match="(?s)" + ".*".join(map(re.escape, parts)))
