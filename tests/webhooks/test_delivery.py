import asyncio
import socket
import time
from dataclasses import replace

import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from comfy_gen.webhooks.delivery import Deliverer, DeliveryOptions
from comfy_gen.webhooks.schedule import Delivery

NOW = 1_700_000_000.25
OPEN = DeliveryOptions(allow_private=True)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_" + "b2xk" * 8


class Receiver:
    """Remembers what it is sent, and answers as the path says."""

    def __init__(self):
        self.received = []
        self.released = asyncio.Event()
        self.url = ""

    async def answer(self, request):
        self.received.append((request.method, dict(request.headers), await request.read()))
        match request.match_info["name"]:
            case "moved":
                raise web.HTTPFound("/ok")
            case "busy":
                return web.Response(status=503, headers={"Retry-After": "77"})
            case "silent":
                await self.released.wait()
            case "endless":
                return await self.endless(request)
            case "cookie":
                return web.Response(headers={"Set-Cookie": "a=b"})
            case _:
                pass
        return web.Response(text="thanks")

    async def endless(self, request):
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(b"x" * 1000)
        await self.released.wait()
        return response


@pytest.fixture
async def receiver():
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{name}", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield receiver
    receiver.released.set()
    await runner.cleanup()


@pytest.fixture
async def deliverer():
    async with Deliverer(OPEN) as deliverer:
        yield deliverer


def delivery(url, attempts=0):
    return Delivery("d1", "j1", url, b'{"id": "j1"}', attempts, NOW)


async def test_receiver_gets_the_body_and_the_standard_headers(receiver, deliverer):
    result = await deliverer.send(delivery(f"{receiver.url}/ok"), NOW)
    assert (result.status, result.error, result.is_done, result.next_at) == (200, "", True, None)
    ((method, headers, body),) = receiver.received
    assert (method, body) == ("POST", b'{"id": "j1"}')
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-id"] == "d1"
    assert headers["webhook-timestamp"] == "1700000000"


async def test_receiver_can_tell_who_sent_it(receiver):
    """As receivers do it that use the library of the standard."""
    now = time.time()
    async with Deliverer(replace(OPEN, secret=f"{SECRET} {OLD_SECRET}")) as deliverer:
        await deliverer.send(delivery(f"{receiver.url}/ok"), now)
    ((_, headers, body),) = receiver.received
    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(body, dict(headers)) == {"id": "j1"}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", dict(headers))


async def test_nothing_is_signed_without_a_secret(receiver, deliverer):
    await deliverer.send(delivery(f"{receiver.url}/ok"), NOW)
    assert "webhook-signature" not in receiver.received[0][1]


def test_secret_that_is_none_is_refused_at_once():
    with pytest.raises(ValueError, match="24 to 64") as refused:
        Deliverer(DeliveryOptions(secret="whsec_hunter2"))
    assert "hunter2" not in str(refused.value) + repr(DeliveryOptions(secret="whsec_hunter2"))


async def test_every_attempt_has_the_same_id_and_its_own_time(receiver, deliverer):
    await deliverer.send(delivery(f"{receiver.url}/busy"), NOW)
    await deliverer.send(delivery(f"{receiver.url}/busy", attempts=1), NOW + 5)
    assert [one["webhook-id"] for _, one, _ in receiver.received] == ["d1", "d1"]
    assert [one["webhook-timestamp"] for _, one, _ in receiver.received] == ["1700000000", "1700000005"]


async def test_busy_receiver_is_given_the_time_it_asks_for(receiver, deliverer):
    result = await deliverer.send(delivery(f"{receiver.url}/busy"), NOW)
    assert (result.status, result.is_done, result.next_at) == (503, False, NOW + 77)


async def test_redirects_are_not_followed(receiver, deliverer):
    result = await deliverer.send(delivery(f"{receiver.url}/moved"), NOW)
    assert (result.status, result.is_done) == (302, False)
    assert len(receiver.received) == 1


async def test_answer_that_does_not_end_is_not_waited_for(receiver, deliverer):
    async with asyncio.timeout(5):
        assert (await deliverer.send(delivery(f"{receiver.url}/endless"), NOW)).is_done


async def test_cookies_are_not_carried_to_the_next_job(receiver, deliverer):
    for _ in range(2):
        await deliverer.send(delivery(f"{receiver.url}/cookie"), NOW)
    assert "Cookie" not in receiver.received[1][1]


async def test_silent_receiver_is_tried_again(receiver):
    async with Deliverer(DeliveryOptions(timeout=0.05, allow_private=True)) as deliverer:
        result = await deliverer.send(delivery(f"{receiver.url}/silent"), NOW)
    assert (result.status, result.error) == (None, "no answer within 0.05 s")
    assert result.next_at > NOW


async def test_nobody_there_is_tried_again(deliverer):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = await deliverer.send(delivery(f"http://127.0.0.1:{taken.getsockname()[1]}/key=secret"), NOW)
    assert (result.error, result.is_done) == ("connection refused", False)
    assert result.next_at > NOW


async def test_address_of_this_machine_is_never_asked_unless_allowed(receiver):
    async with Deliverer() as deliverer:
        result = await deliverer.send(delivery(f"{receiver.url}/ok"), NOW)
    assert (result.error, result.next_at) == ("its address is not public", None)
    assert receiver.received == []


async def test_name_of_this_machine_is_never_asked_unless_allowed(receiver):
    async with Deliverer() as deliverer:
        result = await deliverer.send(delivery(f"{receiver.url}/ok".replace("127.0.0.1", "localhost")), NOW)
    assert not result.is_done
    assert receiver.received == []


async def test_closing_what_was_never_used_does_nothing():
    await Deliverer().close()
