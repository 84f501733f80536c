from contextlib import suppress
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import Misconfigured
from headwater.records.settings import Settings, parse_settings

LEAST: dict[str, Any] = {"own_networks": ["192.0.2.0/24"]}


def test_only_own_networks_are_needed() -> None:
    settings = parse_settings(LEAST)
    assert settings.own_networks == (ip_network("192.0.2.0/24"),)
    assert settings.mail_servers == settings.lawful_proxies == settings.never_accuse == ()
    assert settings.engine.threads == 0
    assert settings.timezone == "UTC"


def test_addresses_and_prefixes_of_both_families_are_read() -> None:
    settings = parse_settings(
        {
            "own_networks": ["192.0.2.0/24", "2001:db8::/32"],
            "mail_servers": ["192.0.2.25"],
            "lawful_proxies": ["2001:DB8::7"],
            "never_accuse": ["198.51.100.0/25"],
            "engine": {"memory_gib": 1.5, "threads": 2},
            "exporters": {"2001:DB8:0::1": {"already_scaled": True}},
        }
    )
    assert [str(n) for n in settings.mail_servers] == ["192.0.2.25/32"]
    assert [str(n) for n in settings.lawful_proxies] == ["2001:db8::7/128"]
    assert settings.engine.memory_gib == 1.5
    assert settings.exporters["2001:db8::1"].already_scaled is True


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"own_networks": "192.0.2.0/24"},
            'own_networks = "192.0.2.0/24": expected a valid list',
        ),
        (
            {"own_networks": ["192.0.2.0/33"]},
            'own_networks[0] = "192.0.2.0/33": expected a prefix',
        ),
        ({"own_networks": ["192.0.2.9/24"]}, '"192.0.2.0/24" is the network'),
        ({"own_networks": ["192.0.2.0/24", 7]}, "own_networks[1] = 7: expected a prefix"),
        (
            {"mail_servers": ["mail.example"]},
            'mail_servers[0] = "mail.example": expected a prefix',
        ),
        ({"own_netwroks": []}, "own_netwroks: unknown key; did you mean own_networks?"),
        ({"colour": 1}, "colour: unknown key; known here are own_networks, mail_servers"),
        ({"engine": {"thread": 2}}, "engine.thread: unknown key; did you mean threads?"),
        ({"engine": {"mail_servers": []}}, "belongs at the top of the file"),
        ({"engine": {"threads": "4"}}, 'engine.threads = "4": expected a valid integer'),
        ({"engine": {"threads": True}}, "engine.threads = true: expected a valid integer"),
        (
            {"engine": {"threads": -1}},
            "engine.threads = -1: expected greater than or equal to 0",
        ),
        ({"engine": {"memory_gib": 0}}, "engine.memory_gib = 0: expected greater than 0"),
        ({"timezone": 2}, "timezone = 2: expected a valid string"),
        ({"exporters": {"router": {}}}, 'exporters.router = "router": expected an address'),
        (
            {"exporters": {"192.0.2.1": {"already_scaled": "yes"}}},
            'exporters."192.0.2.1".already_scaled = "yes": expected a valid boolean',
        ),
        (
            {"exporters": {"192.0.2.1": {"sampling": 0}}},
            'exporters."192.0.2.1".sampling = 0: expected greater than or equal to 1',
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_was_expected(
    wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(Misconfigured) as failure:
        parse_settings(LEAST | wrong)
    assert told in str(failure.value)
    assert str(failure.value).startswith("headwater.toml: ")


def test_what_is_missing_is_named_with_an_example() -> None:
    with pytest.raises(Misconfigured, match=r"own_networks is missing: .*192\.0\.2\.0/24"):
        parse_settings({})


def test_many_faults_are_told_in_a_few_lines() -> None:
    with pytest.raises(Misconfigured) as failure:
        parse_settings(LEAST | {"mail_servers": ["x"] * 1000})
    lines = str(failure.value).splitlines()
    assert len(lines) == 6
    assert lines[-1] == "... and 995 more"


@given(
    st.dictionaries(
        st.sampled_from(sorted(Settings.model_fields)) | st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_anything_gives_settings_or_misconfigured(raw: dict[str, Any]) -> None:
    with suppress(Misconfigured):
        assert parse_settings(raw).own_networks is not None
