import pytest

from headwater.wire.headers import find_columns, pick, plain_name

KNOWN = {"what": "ioc iocvalue", "port": "port dstport"}


@pytest.mark.parametrize("name", ["IOC_Value", " ioc value ", '"ioc-value"', "\ufeffiocvalue"])
def test_spellings_of_a_name(name: str) -> None:
    assert plain_name(name) == "iocvalue"


def test_the_first_of_several_columns_is_meant_and_missing_ones_are_absent() -> None:
    assert find_columns(["id", "ioc", "ioc_value"], KNOWN) == {"what": 1}


def test_short_rows_give_empty_cells() -> None:
    assert pick(["1", " x "], {"what": 1, "port": 2}) == {"what": "x", "port": ""}
