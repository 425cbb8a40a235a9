"""A real IMAP server (pymap) with one mailbox in memory, for what comes back; and its mails as anybody sees them."""

import asyncio
import imaplib
import ssl
import threading
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager, suppress

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

from caseapp.cli.stack.embedded import find_free_port

USER, PASSWORD = "list@office.test", "w0rd/with: signs"
# The server keeps its password hashed with 500,000 rounds, which costs a quarter of a second a login; not our subject.
QUICK_HASH = BuiltinHash(rounds=1)


class Returned:
    """The mailbox. `url`: as BOUNCES_URL; what one puts in and looks at goes over IMAP too."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://{USER.replace('@', '%40')}:w0rd%2Fwith%3A%20signs@localhost:{port}/INBOX"

    @contextmanager
    def open(self) -> Generator[imaplib.IMAP4]:
        with imaplib.IMAP4("localhost", self.port, timeout=10) as server:
            server.login(USER, PASSWORD)
            server.select("INBOX")
            yield server

    def put(self, *mails: bytes, flags: str = "") -> None:
        with self.open() as server:
            for mail in mails:
                content = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                assert server.append("INBOX", flags, imaplib.Time2Internaldate(1796600000), content)[0] == "OK"

    def flags(self) -> list[str]:
        """The flags of each mail that is there."""
        with self.open() as server:
            found = server.fetch("1:*", "(FLAGS)")[1] if server.search(None, "ALL")[1][0] else []
        said = [part.decode() for part in found if isinstance(part, bytes)]
        return [part.partition("FLAGS (")[2].partition(")")[0] for part in said]


class _Server:
    """Runs until told to stop, in a loop of its own."""

    def __init__(self, port: int, mode: str, trust: ssl.SSLContext | None) -> None:
        self.port, self.mode, self.trust = port, mode, trust
        self.loop = asyncio.new_event_loop()
        self.is_ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        with suppress(asyncio.CancelledError):
            self.loop.run_until_complete(self.serve())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    async def serve(self) -> None:
        given = Namespace(
            host="127.0.0.1", port=self.port, debug=False, cert=None, key=None, tls=self.mode == "imap+starttls",
            passlib_cfg=None, proxy_protocol=None, demo_data=False, demo_user=USER, demo_password=PASSWORD,
        )  # fmt: skip
        backend, config = await DictBackend.init(
            given, ssl_context=self.trust, reject_dnsbl=False, invalid_user_sleep=0.0, hash_context=QUICK_HASH
        )
        config.apply_context()
        answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        at_once = self.trust if self.mode == "imaps" else None
        async with await asyncio.start_server(answer, host="127.0.0.1", port=self.port, ssl=at_once) as server:
            self.task = asyncio.current_task()
            self.is_ready.set()
            await server.serve_forever()

    def stop(self) -> None:
        def cancel() -> None:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()

        self.loop.call_soon_threadsafe(cancel)
        self.thread.join(timeout=10)


@contextmanager
def returned_mail(*, scheme: str = "imap", trust: ssl.SSLContext | None = None) -> Generator[Returned]:
    """scheme: imap, imaps or imap+starttls; trust: the server's certificate."""
    server = _Server(find_free_port(), scheme, trust)
    server.thread.start()
    assert server.is_ready.wait(timeout=10)
    try:
        yield Returned(server.port, scheme)
    finally:
        server.stop()
