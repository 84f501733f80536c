"""Servers that are met at both of the web's ports."""

import numpy as np

from headwater.measures.choice import by_either


def test_of_each_server_the_lesser_port_counts() -> None:
    server = np.array([1, 1, 1, 2, 2, 3, 4, 4, 4])
    port = np.array([443, 443, 80, 80, 80, 443, 80, 8080, 443])
    assert by_either(server, port) == 2
    assert by_either(server[:0], port[:0]) == 0
