"""``python -m infra.local.simulators --port N --settings FILE.json``"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from .server import Server, describe
from .settings import Settings
from .simulation import Simulation


@click.command()
@click.option("--port", type=int, default=0, show_default="a free one", help="Port on 127.0.0.1.")
@click.option("--settings", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
def main(port: int, file: Path) -> None:
    """Runs the simulated platforms until it is told to stop; prints their addresses as one line of JSON."""
    simulation = Simulation(Settings.read(file))
    server = Server(simulation, port)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    click.echo(describe(server.url))
    stop.wait()
    server.shutdown()
    simulation.close()


main()
