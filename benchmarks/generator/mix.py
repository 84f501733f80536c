"""How much of everything a world holds. Defaults are an access network with some hosting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares are of subscribers, rates are per hour; every actor still draws its own habits."""

    # population
    office_share: float = 0.04
    server_share: float = 0.03
    cgn_share: float = 0.0008  # addresses with many households behind them
    dark_share: float = 0.3  # own addresses nobody holds, beside the subscribers'
    ipv6_share: float = 0.0  # of subscribers that are dual-stacked
    churn_share: float = 0.03  # of subscribers that change address in the window

    # lawful life
    intensity: float = 1.0  # scales web, names and devices of every household
    p2p_share: float = 0.03
    game_share: float = 0.08
    voice_share: float = 0.06
    gadget_share: float = 0.35
    home_server_share: float = 0.02
    remote_desktop_share: float = 0.01
    mail_sender_share: float = 0.12  # households that hand mail to their provider
    mail_server_share: float = 0.005
    look_alikes: float = 1.0  # scales gateways, company proxies, caches, bulk mailers, relays
    radiation: float = 2.0  # unasked-for knocks per own address and hour

    # hijacked
    hijacked_share: float = 0.004  # give or take: each world draws about it
    least_hijacked: int = 4
    operations: int = 0  # 0: as many as the number of hijacked hosts suggests
    kinds: tuple[str, ...] = ()  # of operations, dealt in turn; empty: a shuffled deck of all
    abuse_rate: float = 1.0  # scales the mails and requests per hour of every operation
    mail_only: bool = False
    six_abuse_share: float = 0.15  # of operations, where hosts and targets are dual-stacked
    testers: int = 3
    scanners: int = 12
    own_scanners: int = 2

    # what the operator knows
    known_mail_servers: float = 0.6  # share of lawful mail servers named in the settings
    known_lawful_proxies: float = 0.5
    listed_share: float = 0.4  # of hijacked hosts that a blocklist ever names
    stale_share: float = 0.003  # innocent addresses still listed
