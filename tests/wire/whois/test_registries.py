from headwater.wire.whois.dates import Order
from headwater.wire.whois.registries import ORDERS, order_of, read_orders


def test_the_server_is_asked_before_the_top_level() -> None:
    known = read_orders(["registry,order", "whois.registry.example,mdy", ".example,dmy"])
    assert known == {"whois.registry.example": Order.MDY, ".example": Order.DMY}
    assert order_of(None, "shop.fr") is Order.DMY
    assert order_of("whois.registry.example", "shop.example") is None
    assert order_of(None, None) is None


def test_the_table_names_servers_and_top_levels_only() -> None:
    assert all(name.startswith(".") or name.count(".") >= 1 for name in ORDERS)
