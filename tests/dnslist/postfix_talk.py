"""Runs inside a network namespace: asks Postfix about senders, prints what it says.

    python postfix_talk.py SENDER...

Port 25 of loopback there is Postfix, port 53 the list server. One line of JSON per sender.
"""

import json
import smtplib
import sys
import time

PATIENCE = 30.0


def connected() -> smtplib.SMTP:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return smtplib.SMTP("127.0.0.1", 25, local_hostname="mail.example.net", timeout=20)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def main() -> None:
    for sender in sys.argv[1:]:
        talk = connected()
        talk.ehlo()
        talk.mail(f"someone@{sender}")
        code, said = talk.rcpt("reader@receiver.example")
        talk.quit()
        sys.stdout.write(json.dumps([sender, code, said.decode(errors="replace")]) + "\n")


if __name__ == "__main__":
    main()
