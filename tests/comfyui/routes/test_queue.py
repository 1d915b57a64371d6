from __future__ import annotations


async def test_history_is_read_paged_and_forgotten(client, painting):
    ids = [(await client.run_workflow(painting(seed=seed), timeout=10)).prompt_id for seed in range(3)]
    assert list(await client.get_history()) == ids
    assert list(await client.get_history(max_items=1)) == ids[-1:]
    assert list(await client.get_history(max_items=1, offset=0)) == ids[:1]
    await client.delete_history(ids[:1])
    assert await client.get_history(ids[0]) == {}
    await client.clear_history()
    assert await client.get_history() == {}


async def test_queue_is_cleared(slow_client, painting):
    running = await slow_client.submit(painting(steps=500))
    await slow_client.submit(painting(seed=2))
    async for _ in running.events():
        break
    await slow_client.clear_queue()
    assert len((await slow_client.read_queue()).pending) == 0
    await slow_client.interrupt_execution()
