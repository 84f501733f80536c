import pytest
from tests.wire.reports.cases import WORDS

from headwater.wire.reports.fields import Side, What, field_of

A, P, T, O = What.ADDRESS, What.PORT, What.TIME, What.OTHER  # noqa: E741
S, V, N = Side.SOURCE, Side.TARGET, Side.NEUTRAL


@pytest.mark.parametrize(
    ("name", "what", "side"),
    [
        ("Source IP", A, S), ("src_ip", A, S), ("srcIp", A, S), ("srcip", A, S),
        ("Quell-IP", A, S), ("Infringer's IP Address", A, S), ("PXY", A, S),
        ("Your IP", A, S), ("remote_addr", A, S), ("Offending/Source IP", A, S),
        ("cc_ip", A, V), ("C&C", A, V), ("TGT", A, V), ("dest ip", A, V), ("reporter_ip", A, V),
        ("ip", A, N), ("IP-Address", A, N), ("Dirección IP", A, N), ("Host", A, N),
        ("src_port", P, S), ("dst_port", P, V), ("Port", P, N),
        ("Date", T, N), ("Initial Infringement Timestamp", T, N), ("first_seen", T, N),
        ("Zeitpunkt", T, N), ("timestamp (UTC)", T, N),
        ("Report Date", O, N), ("hostname", O, N), ("mac_address", O, N),
        ("E-Mail Address", O, N), ("User-Agent", O, N), ("asn", O, N), ("x" * 99, O, N),
    ],
)  # fmt: skip
def test_a_name_promises(name: str, what: What, side: Side) -> None:
    field = field_of(name, WORDS)
    assert field.what is what
    assert field.side is side or what is O
