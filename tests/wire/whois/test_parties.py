import pytest

from headwater.wire.whois.lines import Entry, take_apart
from headwater.wire.whois.parties import names_holder, nameservers, referral, registrar, status


def entries(text: str) -> tuple[Entry, ...]:
    return take_apart(text).entries


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("Name Server: NS1.EXAMPLE.NET.\nName Server: ns1.example.net", ("ns1.example.net",)),
        ("nserver: ns1.example.net 192.0.2.1 2001:db8::1", ("ns1.example.net",)),
        ("ns: a.example.net, b.example.net", ("a.example.net", "b.example.net")),
        ("Nameserver: shop.example.com\tNS\tns4.example.net.", ("ns4.example.net",)),
        ("Servidor(es) de Nombres de Dominio:\n\n- ns9.example.net\n", ("ns9.example.net",)),
        ("Name Server:\n  HANDLE.SER\n  ns1.example.net", ("ns1.example.net",)),
        ("Name servers:\n  No name servers listed.", ()),
        ("Whois Server: whois.example.net", ()),
    ],
)
def test_nameservers(text: str, hosts: tuple[str, ...]) -> None:
    assert nameservers(entries(text), "shop.example.com") == hosts


def test_the_domain_itself_is_no_server_beside_others() -> None:
    text = "DNS: shop.example.com\nHostname: ns1.example.net"
    assert nameservers(entries(text), "shop.example.com") == ("ns1.example.net",)
    assert nameservers(entries("DNS: shop.example.com"), "shop.example.com") == (
        "shop.example.com",
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sponsoring Registrar: Registrar Inc. (R37-ABC)", "Registrar Inc."),
        (
            "Registrar:\n  Registrar Ltd [Tag = REG]\n  URL: x",
            "Registrar Ltd",
        ),
        ("Registrar\n  Organization: Registrar SpA\n  Name: REG-1", "Registrar SpA"),
        ("Registered through:\n  Reseller\n\nRegistrar:\n  Registrar Ltd", "Registrar Ltd"),
        ("Registrar: http://registrar.example", None),
        ("Registrar: No registrar listed.", None),
        ("Registrar IANA ID: 292", None),
        (
            "registrar.  Users may consult the registrar's WHOIS database to view it",
            None,
        ),
    ],
)
def test_registrar(text: str, name: str | None) -> None:
    assert registrar(entries(text)) == name


def test_status_without_the_addresses_that_explain_it() -> None:
    text = "Domain Status: ok https://icann.example/epp#ok\nstate: REGISTERED, DELEGATED"
    assert status(entries(text)) == ("ok", "REGISTERED", "DELEGATED")


def test_referral_and_holder() -> None:
    assert referral(entries("Registrar WHOIS Server: whois.registrar.example")) == (
        "whois.registrar.example"
    )
    assert referral(entries("Whois Server: rwhois://whois.registrar.example:43/")) == (
        "whois.registrar.example"
    )
    assert referral(entries("Registrar WHOIS Server:")) is None
    assert names_holder(entries("owner: Somebody"))
    assert not names_holder(entries("owner:"))
