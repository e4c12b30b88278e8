"""Open the dashboard: see coordination fail and communities emerge, live in a browser.

Serves this machine only, unless --host says otherwise. The first start fetches the page's
third-party files (15 MB); from then on no network is needed.
"""

from __future__ import annotations

import argparse
import sys


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm dashboard`."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to serve on (default: 127.0.0.1, this machine only)")
    add("--port", type=int, default=8765, help="port (default: 8765)")
    add("--no-browser", action="store_true", help="do not open a browser")
    add("--root-path", default="", metavar="PATH", help="path under which a proxy shows it, such as /abm")
    add("--allow-host", action="append", default=[], metavar="NAME", help="further name by which browsers may call it")


def main(args: argparse.Namespace) -> int:
    """Get the assets if they are missing, then serve until Ctrl-C."""
    from dashboards import assets, server

    address = server.Address(args.host, args.port, "/" + args.root_path.strip("/") if args.root_path else "",
                             tuple(args.allow_host))  # fmt: skip
    server.check_port(address)
    if assets.missing():
        print("first start: fetching the page's third-party files", file=sys.stderr)
        assets.fetch()
    if args.host not in server.LOOPBACK:
        print(
            f"warning: {args.host} lets everybody in this network use the dashboard; it asks nobody for a name",
            file=sys.stderr,
        )
    server.serve(address, opens_browser=not args.no_browser)
    return 0
