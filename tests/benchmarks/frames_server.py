"""The dashboard's server with another page on it, in a process of its own.

python -m tests.benchmarks.frames_server PORT KIND ENTERPRISES COLLEGES TIES
"""

from __future__ import annotations

import os
import sys

from dashboards import server


def serve(port: int) -> None:
    """Serve frames_page.py until the process is ended. Solara reads its settings when it is first imported."""
    import uvicorn

    address = server.Address(port=port)
    server.prepare_environment(address)
    os.environ["SOLARA_APP"] = "tests.benchmarks.frames_page"
    server.prepare_environment = lambda _: None
    uvicorn.run(server.application(address), host=address.host, port=port, log_level="error")


if __name__ == "__main__":
    os.environ["BENCH_KIND"], os.environ["BENCH_SIZES"] = sys.argv[2], " ".join(sys.argv[3:6])
    serve(int(sys.argv[1]))
