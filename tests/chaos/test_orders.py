from __future__ import annotations

from tests.chaos.orders import Kind, make_orders
from tests.chaos.submitter import Task

PICTURES = "http://127.0.0.1:1"


def test_seed_gives_the_same_orders_again_of_every_kind_each_under_a_key_of_its_own() -> None:
    orders = make_orders(1, 1000, pictures=PICTURES)
    assert orders == make_orders(1, 1000, pictures=PICTURES) != make_orders(2, 1000, pictures=PICTURES)
    assert {order.kind for order in orders} == set(Kind)
    assert len({order.key for order in orders}) == len(orders)
    failing = [order for order in orders if order.outcome.code]
    assert 0.01 < len(failing) / len(orders) < 0.06


def test_twin_has_the_graph_of_the_order_before_it() -> None:
    orders = make_orders(1, 1000, pictures=PICTURES)
    twins = [order for order in orders if order.kind is Kind.TWIN]
    same = [twin for twin in twins if twin.graph == orders[twin.number - 1].graph]
    assert len(same) > len(twins) / 2


def test_submitters_share_the_orders() -> None:
    tasks = [Task.parse(["log", "1", "101", str(part), "2", f"{PICTURES}/told", PICTURES, "5"]) for part in range(2)]
    assert [order.number for task in tasks for order in task.orders] == list(range(101))
    assert Task.parse(tasks[0].as_arguments()) == tasks[0]
