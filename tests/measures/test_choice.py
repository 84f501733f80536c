"""Servers that are met at both of the web's ports."""

import numpy as np

from headwater.measures.choice import by_either


def test_of_each_server_the_lesser_port_counts() -> None:
    server = np.array([1, 1, 1, 2, 2, 3, 4, 4, 4])
    port = np.array([443, 443, 80, 80, 80, 443, 80, 8080, 443])
    none = server[:0]
    assert by_either(server, port, none, none) == (2, 0.0)
    assert by_either(none, none, server, port) == (0, 0.0)


def test_what_the_host_opens_by_the_same_doors() -> None:
    server, port = np.array([1, 1, 1, 2, 2, 2, 3]), np.array([443, 443, 80, 443, 80, 80, 80])
    own, door = (
        np.array([1, 1, 1, 2, 2, 3, 0, 9]),
        np.array([80, 80, 443, 443, 80, 80, 80, 443]),
    )
    assert by_either(server, port, own, door) == (2, 3 / 8)
