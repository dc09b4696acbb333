"""From directories to an engine."""

import pytest

from seq2seq.ensemble import open_runs
from seq2seq.errors import ConfigError


@pytest.mark.parametrize("runs", [[], ()])
def test_no_run_is_refused(runs):
    with pytest.raises(ConfigError, match="no run is named: give the directory of one"):
        open_runs(runs)
