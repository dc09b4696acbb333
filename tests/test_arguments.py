"""Arguments that are refused in plain words."""

from pathlib import Path

import numpy as np
import pytest

from seq2seq.arguments import (
    check_count,
    check_flags,
    check_kind,
    check_optional,
    check_several,
    is_count,
    path_of,
    received,
    run_paths,
)
from seq2seq.errors import ConfigError


def test_class_of_an_argument_is_checked():
    check_kind("a", str, "name", "write it")
    check_optional(None, str, "name", "write it")
    for check in (check_kind, check_optional):
        with pytest.raises(ConfigError, match=r"^name is not a str, received 5 \(int\): write it$"):
            check(5, str, "name", "write it")


@pytest.mark.parametrize("values", [[], "ab", [1], ["a", 1], None, {"a"}])
def test_what_is_no_list_of_a_class_is_refused(values):
    with pytest.raises(ConfigError, match=r"^names are a list, received .*: write them$"):
        check_several(values, str, "names", "write them")


def test_number_of_items_is_checked_where_it_is_given():
    check_several(["a", "b"], str, "names", "write them")
    check_several(("a", "b"), str, "names", "write them", 2)
    with pytest.raises(ConfigError, match="names are a list"):
        check_several(["a"], str, "names", "write them", 2)


@pytest.mark.parametrize("value", [1, 0, None, "no", np.True_])
def test_flag_is_true_or_false(value):
    check_flags(quick=True, slow=False)
    with pytest.raises(ConfigError, match="quick is True or False, received"):
        check_flags(quick=value)


def test_counts_are_whole_numbers_from_nought():
    assert all(map(is_count, (0, 7, np.int64(3), np.uint8(3))))
    assert not any(map(is_count, (-1, 2.0, True, "2", None, np.float32(2))))


@pytest.mark.parametrize(
    ("value", "least", "most", "message"),
    [
        (0, 1, None, r"n is a whole number, 1 or more, received 0 \(int\)$"),
        (2.0, 1, None, "n is a whole number, 1 or more, received 2.0"),
        (2000, 1, 1000, r"n is a whole number from 1 to 1,000, received 2000 \(int\)$"),
        (2, 1, 1, r"n is 1, received 2 \(int\)$"),
    ],
)
def test_count_beyond_its_bounds_is_refused_with_them(value, least, most, message):
    with pytest.raises(ConfigError, match=message):
        check_count(value, "n", least, most)


def test_advice_follows_the_message():
    with pytest.raises(ConfigError, match=r"received 3 \(int\): take fewer$"):
        check_count(3, "n", 0, 2, "take fewer")
    check_count(2, "n", 0, 2)


@pytest.mark.parametrize("value", [None, 5, b"run", ["run"]])
def test_what_is_no_path_is_refused(value):
    with pytest.raises(ConfigError, match=r"the run is text or a pathlib.Path, received"):
        path_of(value, "the run")


def test_one_run_and_several_are_paths():
    assert run_paths("a") == run_paths(Path("a")) == run_paths(["a"]) == [Path("a")]
    assert run_paths(("a", Path("b"))) == [Path("a"), Path("b")]
    with pytest.raises(ConfigError, match="no run is named"):
        run_paths([])


def test_received_value_is_on_one_line_and_short():
    assert received("a\nb") == r"'a\nb' (str)"
    assert received(np.zeros((2, 2))) == "array([[0., 0.], [0., 0.]]) (ndarray)"
    assert len(received("x" * 10_000)) < 100
