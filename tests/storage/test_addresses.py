import socket

import pytest

from comfy_gen.storage import addresses
from comfy_gen.storage.addresses import public_addresses
from comfy_gen.storage.boto import connect
from comfy_gen.storage.s3 import BucketOptions


@pytest.fixture
def names(monkeypatch):
    """What names stand for, instead of what a resolver says."""
    known = {}

    def getaddrinfo(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known.get(host, [host])]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"]
)
def test_name_of_an_inner_address_has_no_public_one(names, address):
    names["inner.example"] = [address]
    with pytest.raises(OSError, match="no public address"):
        public_addresses("inner.example", 443)


def test_public_addresses_are_kept_once_each(names):
    names["mixed.example"] = ["127.0.0.1", "93.184.216.34", "93.184.216.34", "10.0.0.1"]
    assert public_addresses("mixed.example", 443) == ["93.184.216.34"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "rebound.example"])
def test_guarded_client_does_not_connect_to_this_machine(names, host, rclone_endpoint):
    names["rebound.example"] = names["localhost"] = ["127.0.0.1"]
    port = rclone_endpoint.rpartition(":")[2]
    connection = connect(BucketOptions("any", f"http://{host}:{port}", "a", "b"), is_guarded=True)
    with pytest.raises(connection.failures) as caught:
        connection.client.head_bucket(Bucket="any")
    assert getattr(caught.value, "response", None) is None  # nobody answered


def test_guarded_client_connects_to_the_addresses_that_were_looked_at(monkeypatch, names, rclone_endpoint):
    asked = []

    def looked_at(host, port):
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"]  # at the first nobody listens

    monkeypatch.setattr(addresses, "public_addresses", looked_at)
    port = rclone_endpoint.rpartition(":")[2]
    connection = connect(BucketOptions("any", f"http://public.example:{port}", "a", "b"), is_guarded=True)
    with pytest.raises(connection.failures, match=r"403|404"):
        connection.client.head_bucket(Bucket="any")
    assert set(asked) == {"public.example"}


def test_guarded_client_uses_no_proxy(monkeypatch, names):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    connection = connect(BucketOptions("any", "http://127.0.0.1:1", "a", "b"), is_guarded=True)
    with pytest.raises(connection.failures) as caught:
        connection.client.head_bucket(Bucket="any")
    assert "proxy" not in str(caught.value).lower()
