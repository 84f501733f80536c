"""Ports of services that detectors tell apart by what they are for."""

from typing import Final

# To exchangers (RFC 5321) and, for submission, with TLS from the start and without (RFC 8314).
MAIL_PORTS: Final = (25, 465, 587)
SUBMISSION_PORTS: Final = (465, 587)
WEB_PORTS: Final = (80, 443)
# Look-ups and clocks accompany everything and tie nothing (RFC 1035, RFC 7858; RFC 5905).
NAME_PORTS: Final = (53, 853)
NAME_AND_TIME_PORTS: Final = (53, 123, 853)
