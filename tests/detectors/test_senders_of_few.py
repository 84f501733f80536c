"""Direct sender: of whom few letters are seen, and all packets: forms, notices, households."""

from typing import Any

import pytest
from tests.scene import own, window

from headwater.detectors.direct_sender import DETECTOR, FEWEST_EXCHANGERS, SENDS_AT_ALL, judge
from headwater.measures.sender import FEWEST_FOR_SHARE, Sender

WINDOW = window(6)
KNOWN: dict[str, Any] = {
    "host": own(10), "sampling": 1, "first_seen": WINDOW.start_us,
    "mail_first": WINDOW.start_us, "mail_last": WINDOW.end_us, "web_servers": 40,
}  # fmt: skip


def told(**said: Any) -> tuple[float, float]:
    """What it says that the host mails at all, and to how many."""
    found = judge(Sender(**(dict.fromkeys(Sender._fields, 0) | KNOWN | said)), WINDOW)
    assert found.detector == DETECTOR.name
    weights = found.proof["weights"]
    return found.proof["weight"] - sum(weights.values()), weights["breadth"]


@pytest.mark.parametrize("exported", [1.0, 0.0])
def test_a_handful_of_letters_is_what_forms_and_notices_make(exported: float) -> None:
    """A site's: of so few none is turned away by chance, and one way alone shows no refusal."""
    (few, narrow), (enough, broad) = (
        told(mail_sessions=n, mail_exported=int(exported * n), exchangers=12)
        for n in (FEWEST_FOR_SHARE // 2, FEWEST_FOR_SHARE)
    )
    assert few == pytest.approx(SENDS_AT_ALL / 2)
    assert enough == pytest.approx(SENDS_AT_ALL)
    assert broad > 0.0
    assert narrow == pytest.approx(broad / 2)


@pytest.mark.parametrize(("exchangers", "accounts", "at_all"), [
    (FEWEST_EXCHANGERS - 1, 2, False),  # a provider takes its customers' mail at port 25, too
    (FEWEST_EXCHANGERS, 1, True),
    (FEWEST_EXCHANGERS - 1, 7, True),  # accounts of others
])  # fmt: skip
def test_a_household_hands_its_mail_to_its_providers(
    exchangers: int, accounts: int, at_all: bool
) -> None:
    said, _ = told(
        mail_sessions=FEWEST_FOR_SHARE, exchangers=exchangers, submission_servers=accounts
    )
    assert said == pytest.approx(SENDS_AT_ALL if at_all else 0.0)
