import pytest

from headwater.wire.information_elements import (
    CERT,
    IANA,
    REGISTER,
    REVERSE,
    Element,
    element,
    read_register,
    reverse,
)

# RFC 7012 and the standards it names; written here by hand.
PUBLISHED = {
    "octetDeltaCount": (1, "unsigned64"),
    "protocolIdentifier": (4, "unsigned8"),
    "sourceIPv4Address": (8, "ipv4Address"),
    "destinationIPv6Address": (28, "ipv6Address"),
    "samplingInterval": (34, "unsigned32"),
    "flowStartMilliseconds": (152, "dateTimeMilliseconds"),
    "systemInitTimeMilliseconds": (160, "dateTimeMilliseconds"),
    "biflowDirection": (239, "unsigned8"),
    "samplingProbability": (311, "float64"),
}


@pytest.mark.parametrize(("name", "entry"), PUBLISHED.items())
def test_the_register_holds_what_is_published(name: str, entry: tuple[int, str]) -> None:
    assert (REGISTER[name].number, REGISTER[name].type) == entry
    assert element(name) == Element(IANA, entry[0])


def test_numbers_are_unique() -> None:
    assert len({entry.number for entry in REGISTER.values()}) == len(REGISTER)


def test_remarks_are_stepped_over() -> None:
    lines = ["# source: a register", "number,name,type", "1,one,unsigned8"]
    assert [tuple(entry) for entry in read_register(lines).values()] == [
        (1, "one", "unsigned8")
    ]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        element("noSuchElement")


def test_the_reverse_of_public_and_of_private_elements() -> None:
    assert reverse(element("octetDeltaCount")) == Element(REVERSE, 1)
    assert reverse(Element(CERT, 14)) == Element(CERT, 16_398)
