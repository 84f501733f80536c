from tests.wire.reports.cases import mail, opened, told

TEXT = """Report Date Range: 03/05/2019 - 03/12/2019
IPs Engaged In Harvesting On Your Network:

192.0.2.7 (H)
  - Tue, 12 Mar 2019 01:15AM PDT
  - Mon, 11 Mar 2019 01:15AM PDT

IPs Engaged In Dictionary Attacks On Your Network:

192.0.2.8
198.51.100.4

Other Potentially Suspicious IPs On Your Network:

192.0.2.9 (R)
  - Tue, 12 Mar 2019 01:15AM PDT
"""


def test_lists_tell_the_kind_and_suspicion_is_no_deed() -> None:
    found = opened(mail("Monitor Report", TEXT))
    assert [told(i) for i in found.incidents] == [
        ("192.0.2.7", None, "08:15:00", "spam"),
        ("192.0.2.8", None, None, "login attack"),
    ]
    assert found.outside == 1
    assert found.incidents[0].times == 2


def test_nobody_listed_is_a_report_about_nobody() -> None:
    found = opened(
        mail("Monitor Report", "IPs Engaged In Harvesting On Your Network:\n\nnone\n")
    )
    assert (found.incidents, found.read_by, found.unread) == ((), "honeypot", "")
