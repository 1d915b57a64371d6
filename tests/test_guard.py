import pytest

from comfy_gen.guard import GuardedResolver, is_public, refusal


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("2002:5db8:d822::1", True),
        ("64:ff9b::5db8:d822", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::1", False),
        ("64:ff9b::a00:1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("4000::1", False),
        ("3fff::1", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://93.184.216.34/a.png", ""),
        ("https://example.org/a.png", ""),
        ("http://localhost/a.png", ""),  # a name: the resolver's business
        ("http://127.0.0.1/", "its address is not public"),
        ("http://[::1]:8188/", "its address is not public"),
        ("http://[fe80::1%25eth0]/", "its address is not public"),
        ("http://１２７.0.0.1/", "its address is not public"),  # noqa: RUF001  # the point of it
        ("http://127.1/", "its address is not written as addresses are"),
        ("http://0177.0.0.1/", "its address is not written as addresses are"),
        ("http://2130706433/", "its address is not written as addresses are"),
        ("http://127.0.0.1./", "its address is not written as addresses are"),
        ("file:///etc/passwd", "only http and https URLs are allowed"),
        ("http:///x", "only http and https URLs are allowed"),
        ("http://[::1", "it is not a URL"),
        ("/picture", "only http and https URLs are allowed"),
    ],
)
def test_refusal_says_why(url, reason):
    assert refusal(url, allow_private=False) == reason


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/"])
def test_private_addresses_are_for_those_whose_network_it_is(url):
    assert refusal(url, allow_private=True) == ""


async def test_resolver_gives_private_addresses_only_where_allowed():
    allowing, refusing = GuardedResolver(allow_private=True), GuardedResolver(allow_private=False)
    assert (await allowing.resolve("localhost", 80))[0]["host"] == "127.0.0.1"
    with pytest.raises(OSError, match="localhost has no public address"):
        await refusing.resolve("localhost", 80)
    await allowing.close()
    await refusing.close()
