import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.leases.samples import ISC, brief

from headwater.records.intake import Refused
from headwater.wire.leases.isc_dhcpd import Entry, read_entries, read_isc_dhcpd


def entries(text: str) -> list[Entry]:
    return [e for _, e in read_entries(text.splitlines(), "f") if isinstance(e, Entry)]


def test_every_entry_is_a_statement_and_a_release_is_told_at_its_end() -> None:
    assert brief(read_isc_dhcpd(ISC.splitlines(), "f")) == [
        "192.0.2.10 09:00:00|11:00:00|11:00:00|09:00:00 00:00:5e:00:53:01",
        "192.0.2.10 09:00:00|09:30:00|09:30:00|09:30:00 00:00:5e:00:53:01",
        "192.0.2.11 09:00:00|00:00:00|00:00:00|09:00:00 line-7/0:1:3:e9",
        "2001:db8:1::/56 09:00:00|09:10:00|09:10:00|09:00:00 0003000100005e005301",
    ]


def test_names_may_hold_what_ends_a_statement_elsewhere() -> None:
    first = entries(ISC)[0]
    assert first.hostname == "odd } name;"
    assert first.client == b"\x01\x00^\x00S\x01"
    assert first.hardware == "ethernet"


def test_states_in_which_nobody_holds_it_are_set_aside() -> None:
    text = ISC.replace("binding state active", "binding state abandoned", 1)
    assert brief(read_isc_dhcpd(text.splitlines(), "f"))[0] == (
        "line 4: held by nobody: state abandoned"
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("ends 0 2026/03/01 11:00:00", "ends 0 2026/03/01 08:00:00", "ends before it starts"),
        ("ends 0 2026/03/01 11:00:00", "ends 0 2026/03/01 09:00:00", "held for no time"),
        ("ends 0 2026/03/01 11:00:00", "ends 0 2026/13/01 11:00:00", "not a time: '"),
        ("ends 0 2026/03/01 11:00:00", "ends epoch 1", "time out of range: '1'"),
        ("ends 0 2026/03/01 11:00:00", "ends 0 2126/03/01 11:00:00", "time out of range: '"),
        ("lease 192.0.2.10", "lease 192.0.2.300", "not an address: '192.0.2.300'"),
        ("  ends 0 2026/03/01 11:00:00;\n", "", "no start or no end"),
        ("odd } name;", 'odd" {', "text without its closing quote"),
        ("  client-hostname", "  { client-hostname", "cut short"),
    ],
)
def test_a_wrong_entry_costs_itself(old: str, new: str, reason: str) -> None:
    told = brief(read_isc_dhcpd(ISC.replace(old, new, 1).splitlines(), "f"))
    assert told[0].startswith(f"line 4: {reason}")
    assert len(told) == 4


def test_every_truncation_keeps_what_stands_before_it() -> None:
    whole = brief(read_isc_dhcpd(ISC.splitlines(), "f"))
    for length in range(0, len(ISC), 7):
        told = list(read_isc_dhcpd(ISC[:length].splitlines(), "f"))
        kept = [x for x in brief(told) if not x.startswith("line ")]
        assert kept == whole[: len(kept)]
        assert sum(isinstance(x, Refused) for x in told) <= 1


@given(st.text(alphabet=st.sampled_from('lease192.0 {};"\\#\nia-npdstrs:/')))
def test_any_text_is_read_or_refused(text: str) -> None:
    for one in read_isc_dhcpd(text.split("\n"), "f"):
        assert one is not None


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    lines = (b"lease 192.0.2.1 {" + data).decode("utf-8", "replace").split("\n")
    assert len(list(read_isc_dhcpd(lines, "f"))) <= sum(map(len, lines))
