"""How phones find this machine: its addresses, the codes that they scan, and whether its network lets them in."""

from __future__ import annotations

import io
import ipaddress
import re
import socket
from dataclasses import dataclass

import psutil
import segno

from abm.machine.errors import InputError
from abm.machine.language import say

MOST_PASSWORD = 63
"""Characters of a Wi-Fi password (WPA)."""
SKIPPED = re.compile(r"docker|veth|br-|virbr|vboxnet|vmnet|tun|tap|utun|zt|tailscale|lo\d*$|loopback", re.IGNORECASE)
"""Interfaces on which no phone is."""
HOTSPOTS = ("192.168.137.", "192.168.43.", "172.20.10.", "10.42.0.", "192.168.2.1")
"""What Windows, Android, iPhones, Linux and macOS give a hotspot of their own."""


@dataclass(frozen=True)
class Network:
    """One network that this machine is in."""

    interface: str
    address: str

    @property
    def is_hotspot(self) -> bool:
        """Whether it looks like a hotspot."""
        return self.address.startswith(HOTSPOTS)


def networks() -> list[Network]:
    """Networks in which phones may be, the most likely first: hotspots, then private ones, then others."""
    found: list[Network] = []
    states = psutil.net_if_stats()
    for interface, addresses in psutil.net_if_addrs().items():
        state = states.get(interface)
        if state is not None and not state.isup:
            continue
        for one in addresses:
            if one.family != socket.AF_INET:
                continue
            address = ipaddress.ip_address(one.address)
            if not address.is_loopback and not address.is_link_local:
                found.append(Network(interface, one.address))

    def likely(network: Network) -> tuple[bool, bool, bool, str]:
        is_private = ipaddress.ip_address(network.address).is_private
        return bool(SKIPPED.match(network.interface)), not network.is_hotspot, not is_private, network.interface

    return sorted(found, key=likely)


def joining(address: str, port: int, code: str, path: str = "/") -> str:
    """What a phone opens to join."""
    return f"http://{address}:{port}{path}?c={code}"


def wifi(name: str, password: str) -> str:
    """What a phone scans to enter a Wi-Fi. InputError for what no Wi-Fi can be called."""
    if not 0 < len(name.encode()) <= 32:
        raise InputError(f"--wifi {name[:40]!r}", why="is no name of a Wi-Fi", mend="give 1 to 32 bytes")
    if password and not 8 <= len(password) <= MOST_PASSWORD:
        raise InputError("--wifi-password", why="is none of a Wi-Fi", mend="give 8 to 63 characters, or none")

    def escaped(text: str) -> str:
        return re.sub(r'([\\;,:"])', r"\\\1", text)

    kind = f"T:WPA;S:{escaped(name)};P:{escaped(password)}" if password else f"T:nopass;S:{escaped(name)}"
    return f"WIFI:{kind};;"


def picture(text: str, *, scale: int = 8) -> str:
    """A code as SVG, dark on white with the margin that scanners need, whatever the page's colours."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=scale, border=4, dark="#000", light="#fff", xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()


def drawn(text: str) -> str:
    """A code for a terminal: two rows a line, in half blocks. Empty where the terminal's letters lack them."""
    matrix = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=2)]
    if len(matrix) % 2:
        matrix.append([0] * len(matrix[0]))
    lines: list[str] = []
    for upper, lower in zip(matrix[::2], matrix[1::2], strict=True):
        # Light is drawn, so that the code is right on a dark terminal and scanners take it on a light one.
        lines.append("".join(" ▄▀█"[(not a) * 2 + (not b)] for a, b in zip(upper, lower, strict=True)))
    return "\n".join(lines)


def advice() -> list[str]:
    """What keeps phones out, as far as this machine can see."""
    found = networks()
    told: list[str] = []
    if not found:
        told.append(say("this machine is in no network: switch Wi-Fi or its hotspot on, or plug in a router"))
    elif all(SKIPPED.match(network.interface) for network in found):
        told.append(say("only virtual networks are up: phones cannot be in them; switch Wi-Fi or a hotspot on"))
    if any(network.address.startswith("192.168.137.") for network in found):
        told.append(say("a Windows hotspot takes 8 phones: for a class use a small router of your own"))
    if any(network.address.startswith(("172.20.10.", "192.168.43.")) for network in found):
        told.append(say("a phone's hotspot takes 5 to 10 phones: for a class use a small router of your own"))
    return told
