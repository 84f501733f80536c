"""Mails to an abuse mailbox that report nothing: said why, or None.

Recognises  bounces (RFC 3464 and older forms), automatic replies (RFC 3834), DMARC and TLS
            aggregates, ticket acknowledgements, answers that thank for a report;
            newsletters, where nobody is accused
Refuses     anything that is a feedback report or names itself one, whatever else it looks like
"""

import re
from typing import Final

from headwater.wire.mail import Mail

_BOUNCE_FROM: Final = re.compile(
    r"^(?:mailer-daemon|postmaster)@|^mailer-daemon$", re.IGNORECASE
)
_BOUNCE_SUBJECT: Final = re.compile(
    r"undeliver|delivery status notification|returned mail|return(?:ed)? to sender"
    r"|mail delivery|delivery (?:has )?fail|failure notice|delivery notification"
    r"|nondeliverable|mail failure"
    r"|delivery report|mail system error|delivery problem|message delivery|non remis"
    r"|unzustellbar|no se ha podido entregar|message you sent blocked|delivery failure"
    r"|error sending your mail|delivery delayed|could not be delivered|loop alert"
    r"|postmaster notify|не доставлено|メールエラー|considered unsolicited bulk email, appar"
    r"|mail could not|transferring to|aws notification message",
    re.IGNORECASE,
)
_BOUNCE_TEXT: Final = re.compile(
    r"this is the mail system at host|could not be delivered to one or more recipients"
    r"|a message that you sent could not|the following addresses had permanent"
    r"|i'm afraid i wasn't able to deliver|delivery to the following recipient"
    r"|your message (?:did not reach|to .{1,80} couldn't be delivered|was not delivered)"
    r"|the original message was received at|hi\. this is the qmail-send program"
    r"|permanent (?:fatal )?error|user unknown|was undeliverable|delivery attempts will"
    r"|undeliverable mail|could not be delivered|message delivery has failed"
    r"|ne peut pas être remis",
    re.IGNORECASE,
)
_AUTO_SUBJECT: Final = re.compile(
    r"^(?:re:\s*)?(?:auto(?:matic|mated)?[- ]?(?:reply|response|antwort)|out of (?:the )?office"
    r"|abwesen|vacation|away until|réponse automatique|respuesta automática|risposta automatica"
    r"|automatisch antwoord|automatisk|autoreply|absence du bureau|автоответ)"
    r"|\bwe (?:have )?received your (?:request|message|email|report)"
    r"|ticket (?:received|created)"
    r"|your (?:request|ticket) has been (?:received|created)",
    re.IGNORECASE,
)
_REPLY_SUBJECT: Final = re.compile(
    r"^\s*(?:re|aw|sv|vs|rif|res|odp|ynt|antw|回复|答复)(?:\[\d+\])?:", re.IGNORECASE
)
# Somebody's answer to a report of ours, or to one that was passed on.
_THANKS: Final = re.compile(
    r"thank(?:s| you) (?:very much )?for (?:your|the|this) (?:report|notification|notice"
    r"|complaint|abuse|information|heads)"
    r"|we have (?:informed|notified|contacted|warned|suspended) (?:our|the|this) (?:customer"
    r"|client|user|subscriber|account)"
    r"|(?:ticket|case|issue|incident) (?:has been|is now|was) (?:closed|resolved|solved)"
    r"|vielen dank für (?:ihre|die) (?:meldung|mitteilung|nachricht|beschwerde|information)"
    r"|merci pour votre (?:signalement|message)|gracias por su (?:reporte|mensaje|aviso)"
    r"|grazie per la (?:sua |vostra )?segnalazione|bedankt voor (?:uw|de) melding"
    r"|dziękujemy za zgłoszenie|obrigado pela (?:sua )?notificação",
    re.IGNORECASE,
)
_ANSWERED_EARLY: Final = 600  # characters
_DMARC: Final = re.compile(
    r"report domain:.*submitter:|dmarc aggregate|\bTLS-?RPT\b", re.IGNORECASE
)
_REPORT_SUBJECT: Final = re.compile(
    r"abuse|complain|spam\b|phish|attack|malware|infring|copyright|botnet|scan\b|intrusion"
    r"|incident|hacking|compromis|ddos",
    re.IGNORECASE,
)
_NEWSLETTER: Final = ("list-unsubscribe", "list-id", "x-campaign", "x-mailchimp-campaign")


def not_a_report(mail: Mail) -> str | None:
    """Why this is no report ("bounce", "automatic reply", ...); None where it may be one."""
    if mail.feedback or mail.header("x-arf") or mail.header("x-xarf"):
        return None
    if _is_aggregate(mail):
        return "aggregate"
    if _is_bounce(mail):
        return "bounce"
    if _is_automatic_reply(mail):
        return "automatic reply"
    return "answer" if _is_answer(mail) else None


def _is_aggregate(mail: Mail) -> bool:
    """DMARC (RFC 7489 section 7.2.1.1) and TLS (RFC 8460 section 5.3) summaries."""
    if _DMARC.search(mail.subject) or mail.header("tls-report-domain"):
        return True
    names = [p.name.lower() for p in mail.parts if p.name]
    return any(
        n.count("!") >= 3 and n.endswith((".gz", ".zip", ".xml", ".json")) for n in names
    )


def _is_bounce(mail: Mail) -> bool:
    subject = mail.subject
    if mail.statuses or mail.header("x-failed-recipients"):
        return True
    kind = mail.header("content-type").lower()
    if "report-type" in kind and "delivery-status" in kind:
        return True
    if _REPORT_SUBJECT.search(subject) and not _BOUNCE_SUBJECT.search(subject):
        return False
    empty_path = mail.header("return-path").strip() == "<>"
    from_daemon = (
        bool(_BOUNCE_FROM.match(mail.sender)) or "mailer-daemon" in mail.header("from").lower()
    )
    says_so = bool(_BOUNCE_TEXT.search(mail.body[:3000]))
    told = bool(_BOUNCE_SUBJECT.search(subject))
    return (told and (from_daemon or empty_path or says_so)) or (from_daemon and says_so) or (
        empty_path and says_so
    )  # fmt: skip


def _is_automatic_reply(mail: Mail) -> bool:
    submitted = mail.header("auto-submitted").lower()
    replied = submitted.startswith("auto-replied") or bool(
        mail.header("x-autoreply") or mail.header("x-autorespond")
    )
    if mail.header("x-auto-response-suppress") and mail.header("in-reply-to"):
        replied = replied or not _REPORT_SUBJECT.search(mail.subject)
    return replied or bool(_AUTO_SUBJECT.search(mail.subject))


def _is_answer(mail: Mail) -> bool:
    """Thanks for a report, above what is quoted: what is quoted is known already."""
    if not _REPLY_SUBJECT.match(mail.subject) or mail.attached:
        return False
    said = mail.body[:_ANSWERED_EARLY].partition("\n>")[0]
    return bool(_THANKS.search(said))


def is_newsletter(mail: Mail) -> bool:
    """Asked only of mails in which nobody is accused: an alias may be a mailing list, too."""
    bulk = mail.header("precedence").lower() in {"bulk", "list", "junk"}
    marked = sum(bool(mail.header(name)) for name in _NEWSLETTER)
    told = bool(_REPORT_SUBJECT.search(mail.subject))
    return not told and marked >= (1 if bulk else 2)
