"""Mail as it should be: servers, forwarders, lists, newsletters, households' own letters."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import (
    Floats,
    Ints,
    Rng,
    between,
    choose,
    heavy,
    odds,
    owners,
    pick,
    zipf_weights,
)
from benchmarks.generator.smtp import Habits, Sessions, sessions
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import Talk, single


def talks(stage: Stage) -> Iterator[Talk]:
    """Every lawful conversation on mail ports."""
    yield from _servers(stage)
    yield from _bulk(stage)
    yield _households(stage)
    yield _readers(stage)


def mail_talk(
    label: str, client: Ints, server: Ints, at: Floats, mail: Sessions, port: int = 25
) -> Talk:
    """Mail sessions as conversations."""
    return single(
        label,
        client=client,
        server=server,
        port=port,
        opened=at,
        span=mail.span,
        up=mail.up,
        down=mail.down,
        ending=mail.ending,
        up_units=mail.up_units,
        down_units=mail.down_units,
    )


def exchangers(stage: Stage, rng: Rng, count: int, exponent: float = 0.95) -> Ints:
    """Mail exchangers by popularity."""
    pool = stage.exchangers()
    return pool[pick(rng, zipf_weights(len(pool), exponent), count)]


def _servers(stage: Stage) -> Iterator[Talk]:
    forwarding = set(stage.cast.of("forwarder").tolist())
    filtering = set(stage.cast.of("mail_filter").tolist())
    listing = set(stage.cast.of("list_server").tolist())
    for host in stage.cast.of("mail_server").tolist():
        rng = stage.rng(f"mail server {host}")
        hourly = between(rng, 8, 500)
        taken = rng.poisson(hourly * stage.load("work"))
        at = stage.moments(rng, taken, "work")
        senders = stage.outside("senders", 3000 + len(stage.cast.hosts) // 4, "hosting")
        client = np.where(
            odds(rng, 0.6, taken),
            exchangers(stage, rng, taken, 0.8),
            senders[pick(rng, zipf_weights(len(senders), 0.6), taken)],
        )
        habits = Habits(turned_away=float(rng.uniform(0.1, 0.7)), pace_s=between(rng, 0.5, 3))
        mail = sessions(rng, habits, taken)
        target = np.full(taken, host, dtype=np.int64)
        yield mail_talk("mail in", client, target, at, mail)
        yield _own_letters(stage, rng, host, hourly)
        if host in forwarding:
            yield _forwarded(stage, rng, host, at, mail)
        if host in filtering:
            yield _filtered(stage, rng, host, at, mail)
        if host in listing:
            yield _list_posts(stage, rng, host)


def _own_letters(stage: Stage, rng: Rng, host: int, hourly: float) -> Talk:
    sent = rng.poisson(hourly * rng.uniform(0.1, 0.8) * stage.load("work"))
    mail = sessions(rng, Habits(turned_away=float(rng.uniform(0.01, 0.15))), sent)
    return mail_talk(
        "mail out",
        np.full(sent, host, dtype=np.int64),
        exchangers(stage, rng, sent),
        stage.moments(rng, sent, "work"),
        mail,
    )


def _forwarded(stage: Stage, rng: Rng, host: int, at: Floats, mail: Sessions) -> Talk:
    """What came in for people who read their mail elsewhere goes out again, at once."""
    chosen = np.flatnonzero(mail.delivered & odds(rng, between(rng, 0.1, 0.95), len(at)))
    size = len(chosen)
    sent = sessions(rng, Habits(turned_away=0.06), size)
    trace = rng.integers(180, 900, size)  # Received and authentication headers
    up = np.where(sent.delivered, mail.up[chosen] + trace, sent.up)
    queue = heavy(rng, between(rng, 0.1, 4.0), 0.8, size, high=600)
    return single(
        "mail forwarded",
        client=np.full(size, host, dtype=np.int64),
        server=exchangers(stage, rng, size, 1.6),
        port=25,
        opened=at[chosen] + mail.span[chosen] + queue,
        span=sent.span,
        up=up,
        down=sent.down,
        ending=sent.ending,
        up_units=sent.up_units,
        down_units=sent.down_units,
    )


def _filtered(stage: Stage, rng: Rng, host: int, at: Floats, mail: Sessions) -> Talk:
    """Mail taken in for customers elsewhere, cleaned, and handed to their few servers."""
    customers = stage.places.draw(rng, int(between(rng, 1, 12)), "business")
    kept = np.flatnonzero(mail.delivered & odds(rng, between(rng, 0.3, 0.95), len(at)))
    size = len(kept)
    sent = sessions(rng, Habits(turned_away=0.02), size)
    return single(
        "mail filtered",
        client=np.full(size, host, dtype=np.int64),
        server=choose(rng, customers, size),
        port=25,
        opened=at[kept] + mail.span[kept] * between(rng, 0.2, 1.2) + 0.1,
        span=sent.span,
        up=mail.up[kept] + rng.integers(300, 1500, size),
        down=sent.down,
        up_units=sent.up_units,
        down_units=sent.down_units,
    )


def _list_posts(stage: Stage, rng: Rng, host: int) -> Talk:
    """One letter in, hundreds out."""
    posts = rng.poisson(between(rng, 1.0, 12.0) * stage.load("work"))
    begins = stage.moments(rng, posts, "work")
    copies = np.minimum(heavy(rng, 60, 1.0, posts, low=5, high=1500), 1500).astype(np.int64)
    which = owners(copies)
    size = len(which)
    mail = sessions(rng, Habits(turned_away=0.04), size)
    letter = heavy(rng, 6000, 0.8, posts, low=600, high=1e6)[which]
    lasts = between(rng, 5, 240)
    return single(
        "mail list",
        client=np.full(size, host, dtype=np.int64),
        server=exchangers(stage, rng, size, 0.8),
        port=25,
        opened=begins[which] + 0.5 + rng.exponential(lasts, size),
        span=mail.span,
        up=np.where(mail.delivered, letter + rng.integers(80, 400, size), mail.up),
        down=mail.down,
        ending=mail.ending,
        up_units=mail.up_units,
        down_units=mail.down_units,
    )


def _bulk(stage: Stage) -> Iterator[Talk]:
    """Newsletters: campaigns to many exchangers, bounces and unsubscribes coming back."""
    for host in stage.cast.of("bulk_mailer").tolist():
        rng = stage.rng(f"bulk {host}")
        hourly = between(rng, 300, 6000)
        campaigns = 1 + rng.poisson(0.5 * stage.hours)
        begins = rng.random(campaigns) * stage.seconds
        lasts = heavy(rng, 1500, 0.8, campaigns, low=120)
        sent = rng.poisson(np.minimum(hourly * lasts / 3600, 20000)).astype(np.int64)
        which = owners(sent)
        at = begins[which] + rng.random(len(which)) * lasts[which]
        source = np.full(len(which), host, dtype=np.int64)
        habits = Habits(median_size=between(rng, 8e3, 9e4), sigma=0.15, turned_away=0.05)
        mail = sessions(rng, habits, len(which))
        yield mail_talk("bulk out", source, exchangers(stage, rng, len(which)), at, mail)
        back = np.flatnonzero(odds(rng, 0.02, len(which)))
        bounce = sessions(rng, Habits(median_size=5000, sigma=0.4), len(back))
        late = at[back] + heavy(rng, 30, 1.5, len(back))
        yield mail_talk(
            "bulk bounce", exchangers(stage, rng, len(back)), source[back], late, bounce
        )


def _households(stage: Stage) -> Talk:
    """A few letters a day, to the provider; some still on port 25, some with a small server."""
    rng = stage.habits("letters")
    senders = stage.cast.of("mail_sender")
    hourly = heavy(rng, 0.5, 1.2, len(senders), high=40) * stage.load("home")
    who = owners(rng.poisson(hourly).astype(np.int64))
    inside = stage.cast.of("mail_server")[:2]
    outside = stage.exchangers()[:40]
    provider = np.where(
        odds(rng, 0.25, len(senders)),
        choose(rng, inside, len(senders)),
        choose(rng, outside, len(senders)),
    )
    port = choose(rng, [587, 465, 25], len(senders), np.array([5.0, 3.0, 2.0]))
    if stage.day:
        rng = stage.rng("letters")
        who = owners(rng.poisson(hourly).astype(np.int64))
    mail = sessions(rng, Habits(turned_away=0.02, median_size=2e4, sigma=1.8), len(who))
    talk = mail_talk(
        "letter", senders[who], provider[who], stage.moments(rng, len(who), "home"), mail
    )
    talk.port[:] = port[who]
    return talk


def _readers(stage: Stage) -> Talk:
    """Mailboxes polled: IMAP and POP, outside and in."""
    rng = stage.rng("mailboxes")
    readers = stage.cast.of("mail_sender")
    who = owners(rng.poisson(1.5 * stage.load("home"), len(readers)).astype(np.int64))
    size = len(who)
    boxes = stage.exchangers()[:60]
    habit = choose(rng, boxes, len(readers), zipf_weights(len(boxes), 1.0))
    return single(
        "mailbox",
        client=readers[who],
        server=habit[who],
        port=choose(rng, [993, 995, 143], len(readers))[who],
        opened=stage.moments(rng, size, "home"),
        span=heavy(rng, 2.0, 1.3, size, low=0.3, high=1700),
        up=heavy(rng, 1600, 0.4, size),
        down=heavy(rng, 7000, 1.5, size, high=5e7),
        up_units=6,
        down_units=7,
    )
