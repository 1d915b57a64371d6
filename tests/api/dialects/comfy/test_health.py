import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_whoever_asks_is_told_that_the_service_is_there(desk):
    await desk.caller("ada")  # from now on whoever has no key is refused
    answer = await desk.client.get("/api/v2/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
    assert desk.engine.url not in answer.text
