"""The process of the front: it listens, runs the web server as its child, and ends with it."""

import argparse
import asyncio
import logging
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from caseapp.cli.front.addresses import network_of
from caseapp.cli.front.client import ClientConnection
from caseapp.cli.front.front_state import FrontState
from caseapp.cli.front.limits import BadLimit, Limits, read_limits
from caseapp.cli.front.web_server import WebServer
from caseapp.cli.stack.processes import WEB_PROCESSES, WEB_THREADS, web_server_command
from caseapp.cli.stack.supervisor import die_with_parent
from caseapp.lib import memory
from caseapp.lib.logs import quiet_logs
from caseapp.lib.service_urls import read_origin

SOCKET = "web.sock"
FOLDER = "web-"  # and letters by chance
BACKLOG = 1024
STOP_SECONDS = 3.5  # for the web server to finish what it began
REPORT_SECONDS = 60
READ_AHEAD = 16_384  # bytes read at once, of one connection; twice as many may wait unread in memory
log = logging.getLogger("caseapp.cli")


class Front:
    """The listener and its connections."""

    def __init__(self, state: FrontState) -> None:
        self.state = state

    async def listen(self, listener: socket.socket) -> asyncio.Server:
        """Accept connections from now on, each with small buffers in the system: they are memory too."""
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            listener.setsockopt(socket.SOL_SOCKET, option, self.state.limits.system_buffer)
        return await asyncio.start_server(self._handle, sock=listener, limit=READ_AHEAD // 2, backlog=BACKLOG)

    async def watch(self) -> None:
        """Cut each second what took too long, and log each minute how many were cut and why."""
        seconds = 0
        while True:
            await asyncio.sleep(1)
            self.state.registry.cut_overdue()
            self.state.measure_answers()
            seconds += 1
            if seconds % REPORT_SECONDS == 0:
                self._report_cuts()

    def _report_cuts(self) -> None:
        for reason, count in self.state.registry.cuts.items():
            log.warning("front.cut reason=%s count=%d", reason, count)
        self.state.registry.cuts.clear()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.max_size = READ_AHEAD  # type: ignore[attr-defined]  # asyncio reads 256 KiB at once otherwise
        peer = str((writer.get_extra_info("peername") or ["?"])[0])
        connection = self.state.new_connection(writer.transport, network_of(peer))
        if not self.state.registry.admit(connection, is_of_proxy=self.state.is_behind_proxy):
            self.state.registry.cuts["refused"] += 1
            writer.transport.abort()
            return
        try:
            await ClientConnection(self.state, connection, reader, writer).serve()
        except Exception as exc:  # one connection must not end the others
            log.error("front.connection_failed %s", exc)
        finally:
            self.state.registry.forget(connection)
            writer.close()


def main() -> int:
    """Run until a signal or the end of the web server. Return its exit code."""
    parser = argparse.ArgumentParser(prog="caseapp.cli.front")
    parser.add_argument("--bind", required=True, help="HOST:PORT")
    parser.add_argument("--run", required=True, type=Path, help="Folder of files that matter only while this runs")
    args = parser.parse_args()
    _log_quietly()
    memory.keep_private()
    try:
        limits = read_limits(os.environ)
    except BadLimit as sentence:
        print(f"{sentence}.", file=sys.stderr)
        return 1
    listener = open_listener(args.bind)
    if listener is None:
        log.error("web.port_taken")
        return 1
    _remove_left_folders(args.run)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir=args.run))  # for this user alone
    os.chdir(folder)  # a socket's path may have a hundred letters: a relative one always fits
    try:
        return asyncio.run(_run(listener, limits, os.environ))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_folders(run: Path) -> None:
    """Remove the folders of fronts that were killed. One whose socket is answered belongs to another front."""
    for folder in run.glob(f"{FOLDER}*"):
        os.chdir(folder)
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(SOCKET) != 0:
                shutil.rmtree(folder, ignore_errors=True)


def _log_quietly() -> None:
    quiet_logs.install()
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("{asctime} {levelname} {name} {message}", style="{"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def open_listener(bind: str) -> socket.socket | None:
    """Return the socket that people reach, or None where the port is taken. Connections wait until it is served."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    # Named, because asyncio sends at once (TCP_NODELAY) only where it sees TCP. Else the end of a longer answer waits
    # 40 ms for the browser's late acknowledgement.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
    except OSError:
        listener.close()
        return None
    return listener


def fit_connections(limits: Limits, threads: int) -> int:
    """Return how many connections this process may have, after asking for as many files as the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + threads + 64
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return max(16, min(limits.connections, soft - threads - 64))
    return limits.connections


async def _run(listener: socket.socket, limits: Limits, environ: Mapping[str, str]) -> int:
    threads = WEB_PROCESSES * WEB_THREADS
    web_server = subprocess.Popen(web_server_command(SOCKET), preexec_fn=die_with_parent)
    limits = replace(limits, connections=fit_connections(limits, threads))
    origin = read_origin(environ.get("CASEAPP_ORIGIN") or "http://127.0.0.1:8000")
    front = Front(FrontState(limits, WebServer(SOCKET, threads), is_behind_proxy=origin.scheme == "https"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ended = asyncio.create_task(asyncio.to_thread(web_server.wait))
    stopping = asyncio.create_task(stop.wait())
    try:
        await _wait_for_socket(ended)
        server = await front.listen(listener)
        watching = asyncio.create_task(front.watch())
        await asyncio.wait({ended, stopping, watching}, return_when=asyncio.FIRST_COMPLETED)
        server.close()
        watching.cancel()
    finally:
        code = await _stop_web_server(web_server, ended, is_asked=stopping.done())
    return code


async def _wait_for_socket(ended: "asyncio.Task[int]") -> None:
    while not Path(SOCKET).exists() and not ended.done():
        await asyncio.sleep(0.02)


async def _stop_web_server(web_server: "subprocess.Popen[bytes]", ended: "asyncio.Task[int]", *, is_asked: bool) -> int:
    """Let the web server finish what it began. Return 0 if this was asked for, else its exit code."""
    if not ended.done():
        web_server.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(ended), STOP_SECONDS)
        except TimeoutError:
            web_server.kill()
    code = await ended
    if not is_asked:
        log.error("front.web_server_ended code=%d", code)
    return 0 if is_asked else code or 1
