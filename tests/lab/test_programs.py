"""What is missing is named with the package that brings it."""

import pytest

from headwater.lab import programs
from headwater.records.errors import Misconfigured, MissingProgram


def test_nothing_is_missing_where_everything_is_found() -> None:
    assert programs.missing("softflowd", lambda program: f"/usr/bin/{program}") == []


def test_what_is_missing_is_named_with_its_package() -> None:
    absent = programs.missing("softflowd", lambda program: None)
    assert "danted (Debian: dante-server)" in absent
    assert "softflowd (Debian: softflowd)" in absent


def test_only_the_exporter_in_use_is_asked_for() -> None:
    assert not any("fprobe" in line for line in programs.missing("softflowd", lambda _: None))
    assert any("fprobe" in line for line in programs.missing("fprobe", lambda _: None))


def test_a_missing_program_is_an_error_for_the_operator() -> None:
    with pytest.raises(MissingProgram, match=r"softflowd \(Debian: softflowd\)"):
        programs.require("softflowd", 0, lambda _: None)


def test_without_root_the_lab_says_so() -> None:
    with pytest.raises(Misconfigured, match="root"):
        programs.require("softflowd", 1000)
