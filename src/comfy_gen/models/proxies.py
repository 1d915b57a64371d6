"""Says so where a proxy is set and a server was asked without it, as all that strangers name is."""

from __future__ import annotations

from urllib.request import getproxies_environment

import aiohttp

_SCHEMES = ("https", "http", "all")


def proxy_advice(error: Exception) -> str:
    """Return what is to be known of proxies where a connection was not made; empty where nothing is."""
    if not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, TimeoutError)):
        return ""
    proxies = getproxies_environment()
    name = next((f"{scheme.upper()}_PROXY" for scheme in _SCHEMES if scheme in proxies), "")
    # A proxy would connect to addresses that nobody has looked at.
    return name and f"{name} is set, and files are fetched without a proxy: this machine has to reach the server."
