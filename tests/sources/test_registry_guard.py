import pytest

from headwater.sources.registry_guard import outside_only


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "::1", "224.0.0.1", "", "a b"],
)
def test_inner_hosts_are_not_asked(host: str) -> None:
    assert not outside_only(host)


def test_public_addresses_may_be_asked() -> None:
    assert outside_only(".".join(["9"] * 4))
