from __future__ import annotations


async def test_userdata_is_stored_read_and_deleted(client):
    await client.store_userdata("workflows/a b.json", b'{"x": 1}')
    assert await client.get_userdata("workflows/a b.json") == b'{"x": 1}'
    assert await client.list_userdata("workflows") == ["a b.json"]
    await client.delete_userdata("workflows/a b.json")
    assert await client.list_userdata("workflows") == []


async def test_settings_are_kept(client):
    await client.set_setting("theme", "dark")
    await client.set_settings({"size": 3})
    assert await client.get_settings() == {"theme": "dark", "size": 3}
    assert await client.get_setting("theme") == "dark"
