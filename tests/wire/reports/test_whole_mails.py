# ruff: noqa: E501, RUF001  # mails in many scripts, told apart at a glance
"""Whole mails as reporters send them: charsets, attachments, forwards, digests, signatures."""

import base64
import gzip
import quopri
import zipfile
from io import BytesIO

import pytest
from tests.wire.reports.cases import HEAD, opened, told

from headwater.wire.mail import read_mail

Accused = set[tuple[str, int | None, str | None, str]]
TEXT = "Content-Type: text/plain; charset=utf-8\n\n"


def encoded(subject: str, text: str, charset: str, transfer: str) -> bytes:
    """A mail of one text in a charset and a transfer encoding."""
    body = text.encode(charset)
    if transfer == "base64":
        body = base64.encodebytes(body)
    elif transfer == "quoted-printable":
        body = quopri.encodestring(body)
    word = base64.b64encode(subject.encode(charset)).decode()
    head = (
        f"{HEAD}Subject: =?{charset}?B?{word}?=\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {transfer}\n\n"
    )
    return head.encode() + body


def parted(subject: str, *parts: str, kind: str = "mixed", headers: str = "") -> bytes:
    head = (
        f"{HEAD}Subject: {subject}\n{headers}MIME-Version: 1.0\n"
        f'Content-Type: multipart/{kind}; boundary="BB"\n\n'
    )
    return (head + "".join(f"--BB\n{part}\n" for part in parts) + "--BB--\n").encode()


def plain(subject: str, text: str, kind: str = "text/plain") -> bytes:
    return f"{HEAD}Subject: {subject}\nContent-Type: {kind}; charset=utf-8\n\n{text}".encode()


def attachment(name: str, kind: str, content: str | bytes) -> str:
    head = (
        f"Content-Type: {kind}; name={name}\nContent-Disposition: attachment; filename={name}\n"
    )
    if isinstance(content, str):
        return f"{head}\n{content}"
    packed = base64.encodebytes(content).decode()
    return f"{head}Content-Transfer-Encoding: base64\n\n{packed}"


def inner(subject: str, text: str) -> str:
    return (
        "Content-Type: message/rfc822\n\nFrom: cert@reporter.example\n"
        f"Date: Tue, 12 Mar 2019 09:00:00 +0000\nSubject: {subject}\n"
        f"Content-Type: text/plain\n\n{text}"
    )


def zipped(name: str, content: str) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def one(kind: str, port: int | None = None, address: str = "192.0.2.7") -> Accused:
    return {(address, port, "08:15:27", kind)}


CASES: list[tuple[str, bytes, Accused]] = [
    ("German, Latin-1", encoded("Spam über Ihre IP", "Sehr geehrte Damen und Herren,\n\nüber Ihre"
     " IP-Adresse 192.0.2.7 wird Spam verschickt (12.03.2019 09:15:27 MEZ).", "iso-8859-1",
     "quoted-printable"), one("spam")),
    ("Russian, KOI8", encoded("Сканирование портов", "С вашего адреса 192.0.2.7 идёт сканирование"
     " портов.\nВремя: 12.03.2019 11:15:27 MSK", "koi8-r", "base64"), one("scan")),
    ("Russian, Windows", encoded("Спам", "Источник: 192.0.2.7\nДата: 12.03.2019 11:15:27 +0300\n"
     "спам", "windows-1251", "8bit"), one("spam")),
    ("Chinese, GB", encoded("攻击投诉", "攻击源IP：192.0.2.7\n时间：2019-03-12 16:15:27 +0800\n"
     "类型：端口扫描", "gb2312", "base64"), one("scan")),
    ("Japanese, ISO-2022", encoded("不正アクセス", "送信元IPアドレス：192.0.2.7\n日時：2019年3月12日"
     " 17時15分27秒 JST\n", "iso-2022-jp", "7bit"), one("login attack")),
    ("forwarded report", parted("FW: Port scan", TEXT + "FYI", inner("Port scan from 192.0.2.7",
     "Source IP: 192.0.2.7\nTime: 2019-03-12 08:15:27 UTC\nport scan\n")), one("scan")),
    ("digest", parted("Abuse digest",
     inner("Spam from 192.0.2.7", "Source IP: 192.0.2.7\nTime: 2019-03-12 08:15:27 UTC\nspam\n"),
     inner("Scan from 192.0.2.8", "Source IP: 192.0.2.8\nTime: 2019-03-12 08:15:27 UTC\nscan\n"),
     kind="digest"), one("spam") | one("scan", address="192.0.2.8")),
    ("forwarded spam", parted("complaint about message from 192.0.2.7",
     "Content-Type: message/rfc822\n\nX-Original-Recipient: <u@reporter.example>\nReceived: from"
     " dsl.isp.example ([192.0.2.7]) by mx.reporter.example with SMTP; Tue, 12 Mar 2019 08:15:27"
     " +0000\nFrom: a@spam.example\nSubject: offers\n\nbuy"), one("spam")),
    ("feedback without a source", parted("Email Feedback Report", TEXT + "An email abuse report.",
     "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: FBL/1.0\n"
     "Version: 1\nOriginal-Mail-From: <a@spam.example>\n",
     "Content-Type: message/rfc822\n\nReceived: from dsl.isp.example (HELO x) (192.0.2.7) by"
     " mta1.reporter.example with SMTP; Tue, 12 Mar 2019 01:15:27 -0700\nFrom: a@spam.example\n"
     "Subject: offers\n\nbuy", kind="report; report-type=feedback-report"), one("spam")),
    ("German table", parted("Infizierte Systeme in Ihrem Netz", TEXT + "Anbei die Liste.",
     attachment("liste.csv", "text/csv", "IP-Adresse;Zeitstempel (UTC);Schadsoftware\n"
     "192.0.2.7;2019-03-12 08:15:27;mirai\n192.0.2.8;2019-03-12 08:15:27;mirai\n")),
     one("malware") | one("malware", address="192.0.2.8")),
    ("table of an unknown family", parted("[New] Example network report: 2019-03-11", TEXT + "See it.",
     attachment("2019-03-11-event4_new-isp.csv", "text/csv", '"timestamp","severity","ip",'
     '"protocol","port","hostname","tag","infection","dst_ip","dst_port"\n"2019-03-12 08:15:27",'
     '"high","192.0.2.7","tcp","50001","dsl","avalanche-gozi","gozi","203.0.113.4","80"\n')),
     one("malware", 50001)),
    ("packed table", parted("Abuse data", TEXT + "attached", attachment("report.zip",
     "application/zip", zipped("report.csv", "source_ip,first_seen,category\n"
     "192.0.2.7,2019-03-12T08:15:27Z,spam\n"))), one("spam")),
    ("list in JSON", parted("Abuse data", TEXT + "attached", attachment("r.json", "application/json",
     '[{"ip":"192.0.2.7","timestamp":"2019-03-12T08:15:27Z","category":"ssh bruteforce",'
     '"src_port":4711},{"ip":"192.0.2.8","timestamp":1552378527,"category":"port scan"}]')),
     one("login attack", 4711) | one("scan", address="192.0.2.8")),
    ("attached log", parted("Abuse report: 192.0.2.7 attacks us", TEXT + "See the log (UTC).",
     attachment("log.txt", "text/plain", "Mar 12 08:15:27 h sshd[1]: Failed password for root from"
     " 192.0.2.7 port 4711 ssh2\nMar 12 08:15:28 h sshd[1]: Failed password for root from"
     " 203.0.113.7 port 4711 ssh2\n")), one("login attack", 4711)),
    ("log without a type", parted("Abuse report", TEXT + "See the log (UTC).",
     attachment("access.log", "application/octet-stream", '192.0.2.7 - - [12/Mar/2019:08:15:27'
     ' +0000] "GET /wp-login.php HTTP/1.1" 200 1 "-" "-"\n')), one("login attack")),
    ("packed log", parted("Port scan", TEXT + "log attached, UTC", attachment("fw.log.gz",
     "application/gzip", gzip.compress(b"2019-03-12 08:15:27 SRC=192.0.2.7 DST=198.51.100.4"
     b" SPT=4444 DPT=23 DROP\n"))), one("scan", 4444)),
    ("HTML alone", plain("Abuse report", "<html><body><p>Dear team,</p><p>we detected <b>spam</b>"
     " from your network:<br>IP:&nbsp;<b>192.0.2.7</b><br>Date: 12&nbsp;Mar&nbsp;2019 08:15:27"
     ' UTC</p><script>var x="203.0.113.1"</script></body></html>', "text/html"), one("spam")),
    ("text and HTML", parted("Malware on 192.0.2.7",
     TEXT + "Malware C2 traffic from 192.0.2.7 at 2019-03-12 08:15:27 UTC.",
     "Content-Type: text/html\n\n<p>Malware C2 traffic from <b>192.0.2.7</b> at 2019-03-12"
     " 08:15:27 UTC.</p>", kind="alternative"), one("malware")),
    ("signed table", parted("Incident [CERT#123] bot", TEXT + "-----BEGIN PGP SIGNED MESSAGE-----\n"
     "Hash: SHA256\n\nThe following address was seen contacting a sinkhole:\n\n"
     "| ip | time (UTC) | malware |\n| 192.0.2.7 | 2019-03-12 08:15:27 | conficker |\n"
     "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----",
     "Content-Type: application/pgp-signature\n\nxx",
     kind='signed; protocol="application/pgp-signature"'), one("malware")),
    ("notice in XML", parted("Notice of Claimed Infringement", TEXT + "See XML.",
     attachment("notice.xml", "text/xml", '<?xml version="1.0"?><Infringement><Case><ID>1</ID></Case>'
     "<Source><TimeStamp>2019-03-12T08:15:27Z</TimeStamp><IP_Address>192.0.2.7</IP_Address>"
     "<Port>51413</Port><Type>BitTorrent</Type></Source></Infringement>")),
     one("copyright", 51413)),
    ("notice in XML in the text", plain("Notice of Claimed Infringement - Case ID 1", "Dear Sir,\n\n"
     'we represent the copyright owner.\n\n- - ---Start ACNS XML\n<?xml version="1.0"?>\n'
     "<Infringement>\n<Source>\n<TimeStamp>2019-03-12T08:15:27Z</TimeStamp>\n<IP_Address>192.0.2.7"
     "</IP_Address>\n<Port>51413</Port>\n</Source>\n</Infringement>\n- - ---End ACNS XML\n"),
     one("copyright", 51413)),
    ("X-ARF", parted("abuse report about 192.0.2.7", TEXT + "see", attachment("report.txt", "text/plain",
     "---\nReported-From: a@r.example\nCategory: abuse\nReport-ID: 1@r.example\nReport-Type:"
     " login-attack\nService: ssh\nUser-Agent: x\nDate: Tue, 12 Mar 2019 08:15:27 +0000\n"
     "Source-Type: ip-address\nSource: 192.0.2.7\nPort: 22\nAttachment: none\n"),
     headers="X-ARF: YES\n"), one("login attack")),
    ("IPv6", plain("SSH attack", "Mar 12 08:15:27 h sshd[1]: Invalid user x from"
     " 2001:0db8:0001:0000:0000:0000:0000:0007 port 50000\nall times UTC"),
     one("login attack", 50000, "2001:db8:1::7")),
    ("picture only", parted("abuse", TEXT + "see attachment", attachment("winmail.dat",
     "application/ms-tnef", b"x\x9f")), set()),
    ("nothing", plain("abuse", ""), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "accused"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_mail_accuses_exactly_whom_it_should(raw: bytes, accused: Accused) -> None:
    assert {told(i) for i in opened(read_mail(raw)).incidents} == accused
