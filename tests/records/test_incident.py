from headwater.records.incident import Incident, IncidentKind, Moment, Zone
from headwater.records.window import from_us


def test_an_incident_says_what_of_its_time_was_guessed() -> None:
    incident = Incident(
        address="192.0.2.7",
        port=None,
        seen=Moment(at=from_us(0), zone=Zone.ASSUMED),
        until=None,
        kind=IncidentKind.SPAM,
        reporter="reporter.example",
        confidence=0.9,
        excerpt="",
        read_by="arf",
    )
    assert (incident.seen.zone, incident.seen.of_mail, incident.times) == ("assumed", False, 1)
