from tests.wire.reports.cases import mail, multipart, opened, told

NOTICE = """<?xml version="1.0"?>
<Infringement xmlns="http://example.com/acns">
 <Service_Provider><Entity>ISP</Entity><Address>192.0.2.1</Address></Service_Provider>
 <Source>
  <TimeStamp>2019-03-12T08:15:27Z</TimeStamp><IP_Address>192.0.2.7</IP_Address><Port>51413</Port>
 </Source>
</Infringement>
"""


def test_a_copyright_notice() -> None:
    found = opened(mail("Notice of Claimed Infringement", f"Dear Sir,\n{NOTICE}\nRegards"))
    assert ("192.0.2.7", 51413, "08:15:27", "copyright") in {told(i) for i in found.incidents}
    assert found.read_by == "xml"


def test_links_accuse_the_host_they_lead_to() -> None:
    text = '<list date="2019-03-11"><url url="http://192.0.2.7:8080/evil"/></list>'
    found = opened(mail("malware links", text)).incidents
    assert [(i.address, i.kind) for i in found] == [("192.0.2.7", "malware")]


def test_a_document_type_is_not_let_in() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "192.0.2.7">]><Source><IP>&a;</IP></Source>'
    part = f"Content-Type: application/xml; name=x.xml\n\n{bomb}"
    found = opened(multipart("x", "Content-Type: text/plain\n\nnothing", part))
    assert found.incidents == ()


def test_broken_xml_is_left_to_others() -> None:
    assert opened(mail("x", "<Source><IP>192.0.2.7</Source>")).read_by != "xml"
