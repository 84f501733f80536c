"""All acts of one play, in order."""

from headwater.lab.acts import Act
from headwater.lab.cast import Cast
from headwater.lab.scenario import Scenario
from headwater.lab.script import abuse, companies, noise, subscribers


def write(scenario: Scenario, cast: Cast) -> tuple[Act, ...]:
    """The whole play, sorted by time; the same scenario always gives the same acts."""
    acts = [
        *subscribers.write(scenario, cast),
        *companies.write(scenario),
        *noise.write(scenario, cast),
        *abuse.write(scenario, cast),
    ]
    return tuple(sorted(acts, key=lambda act: (act.at, act.src, act.dst, act.port)))
