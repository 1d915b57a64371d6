"""Keeps requests to URLs that somebody else chose away from this machine and its networks.

A URL is looked at before it is asked (`refusal`), and a name once more when it is resolved (`GuardedResolver`).
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that was ever given out. What lies outside leads, if anywhere, to a network's own translators."""
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
"""Addresses for protocols and documentation that not every Python knows as such."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def refusal(url: str, *, allow_private: bool) -> str:
    """Return why a URL is not asked for anything; empty where it may be.

    The host is read as aiohttp reads it, which takes fullwidth digits for digits: two readings would leave a gap.
    """
    try:
        parts = URL(url)
        host = parts.raw_host
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in ("http", "https") or not host:
        return "only http and https URLs are allowed"
    if ":" not in host and not host.replace(".", "").isdigit():
        return ""  # a name: the resolver guards what it stands for
    try:
        ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:  # 127.1, 0177.0.0.1, 2130706433: a resolver would know them, and it is not asked for numbers
        return "its address is not written as addresses are"
    return "" if allow_private or is_public(host) else "its address is not public"


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open internet, also where IPv6 hides an IPv4 one."""
    parsed = _innermost(ipaddress.ip_address(address.split("%", maxsplit=1)[0]))
    if parsed.version == 6 and parsed not in _UNICAST:
        return False
    is_special = any(parsed in network for network in _SPECIAL if network.version == parsed.version)
    return parsed.is_global and not parsed.is_multicast and not is_special


def _innermost(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one leads to: mapped, through 6to4 or through NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class GuardedResolver(AbstractResolver):
    """Resolves names and drops addresses that are not public.

    The connection is made to the very addresses that were checked, so that a name cannot point elsewhere in between.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses that may be connected to; raises OSError where there is none."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if self._allow_private or is_public(one["host"])]
        if not allowed:
            raise OSError(f"{host} has no public address")
        return allowed

    async def close(self) -> None:
        """Let go of the resolver."""
        await self._resolver.close()
