"""What stands in for a kernel's sockets and its output thread, so that a cell's messages never leave the process.

ipykernel's own `OutStream` and message format stay in use; only the way out is another one: a list instead of a PUB
socket, and for what arrives by descriptor or from forked processes a small thread of our own.
"""

from __future__ import annotations

import codecs
import heapq
import itertools
import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream
from jupyter_client.session import Session

Message = dict[str, Any]
_PIECE = 32_768  # characters of printed text in one datagram between processes
_READ = 65_536


class CollectingSession(Session):  # type: ignore[misc]
    """A session whose `send` hands the message over in this process.

    Contents go through the packer and back: what a reader of a real channel would get (lists for tuples, None for NaN).
    """

    def collect_in(self, wires: Wires) -> None:
        self._wires = wires

    def sign(self, msg_list: list[Any]) -> bytes:
        """Nothing leaves this process, so nothing has to prove where it is from."""
        return b""

    def send(self, stream: Any, msg_or_type: Any, *args: Any, **options: Any) -> Message | None:
        """Like Session.send: a message from a forked process is refused, unless it is printed text."""
        if isinstance(msg_or_type, dict):
            message, buffers = msg_or_type, options.get("buffers") or msg_or_type.get("buffers", [])
        else:
            message, buffers = self._new(msg_or_type, *args, **options)
        if os.getpid() != self._wires.home:
            if isinstance(stream, IOPubThread):  # printed by a forked process
                self._wires.send_home(message)
            return None
        self._wires.weigh(message)
        message["content"] = self.unpack(self.serialize(message)[-1])
        message["buffers"] = [memoryview(buffer) for buffer in buffers or []]
        self._wires.arrived(message)
        return message

    def _new(
        self,
        kind: str,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> tuple[Message, Any]:
        return self.msg(kind, content=content, parent=parent, header=header, metadata=metadata), buffers


class _Later:
    """As much of an event loop as `OutStream` asks for: its text goes out a moment after it was written."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires

    def call_later(self, delay: float, callback: Callable[[], Any]) -> None:
        self._wires.later(time.monotonic() + delay, callback)


class _OutputThread(IOPubThread):  # type: ignore[misc]
    """Stands where ipykernel's output thread stands; there is no thread, so everything is done at once."""

    def __init__(self, wires: Wires) -> None:  # the base class would open sockets
        self.thread = None
        self.socket = None
        self.io_loop = _Later(wires)

    def schedule(self, f: Callable[[], Any]) -> None:
        f()


class Wires:
    """The messages of one kernel. Made in the process that runs the notebook, after any fork.

    too_much  called once when more than `most` bytes of output have come
    """

    def __init__(self, session: CollectingSession, most: int, too_much: Callable[[], None]) -> None:
        self.home = os.getpid()
        self.session = session
        self._most, self._too_much = most, too_much
        self._bytes = self._raw = 0
        self._messages: list[Message] = []
        self._lock = threading.RLock()
        self._deadlines: list[tuple[float, int, Callable[[], Any]]] = []
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_out, False)
        os.set_blocking(self._wake_in, False)
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._inbox.setblocking(False)
        self._order = itertools.count()
        self._streams: dict[int, tuple[OutStream, codecs.IncrementalDecoder]] = {}
        self.output = _OutputThread(self)
        session.collect_in(self)

    def watch(self, streams: dict[int, OutStream]) -> None:
        """Reads what is written to descriptors 1 and 2 by programs and C code; `streams`: descriptor → its stream."""
        for descriptor, stream in streams.items():
            inner, outer = os.pipe()
            os.dup2(outer, descriptor)
            os.close(outer)
            os.set_blocking(inner, False)
            self._streams[inner] = stream, codecs.getincrementaldecoder("utf-8")(errors="replace")
        threading.Thread(target=self._serve, name="IOPub", daemon=True).start()

    # --- messages ---

    def arrived(self, message: Message) -> None:
        with self._lock:
            self._messages.append(message)

    def weigh(self, message: Message) -> None:
        """Before the message is copied and packed: too much output must not become much more on its way."""
        if message["msg_type"] not in ("status", "execute_input"):
            self._bytes += bytes_of(message["content"])
            if self._bytes > self._most:
                self._too_much()

    def taken(self) -> list[Message]:
        """The messages since the last call."""
        with self._lock:
            messages, self._messages = self._messages, []
        return messages

    def send_home(self, message: Message) -> None:
        """From a forked process to the one with the kernel; in pieces that a datagram holds."""
        text = message["content"].get("text", "")
        parent = {"msg_id": message["parent_header"].get("msg_id", "")}
        for start in range(0, len(text), _PIECE):
            part = {"name": message["content"]["name"], "text": text[start : start + _PIECE], "parent": parent}
            with suppress(OSError):
                self._outbox.send(json.dumps(part).encode())

    def send_printed(self, stream: OutStream) -> None:
        """Sends what a stream holds, one thread at a time: another would overtake it, or a cell end before it has sent.

        Without the lock in a forked process: there it may be held for ever by a thread that did not come along.
        """
        with self._lock if os.getpid() == self.home else nullcontext():
            stream._flush()

    # --- what comes by itself ---

    def later(self, when: float, callback: Callable[[], Any]) -> None:
        if os.getpid() != self.home:
            return
        with self._lock:
            heapq.heappush(self._deadlines, (when, next(self._order), callback))
            first = self._deadlines[0][0] == when
        if first:
            with suppress(BlockingIOError):
                os.write(self._wake_out, b"\0")

    def drain(self) -> None:
        """Takes in everything that has been written to the descriptors or sent home so far."""
        if os.getpid() != self.home:
            return
        with self._lock:
            for descriptor, (stream, decoder) in self._streams.items():
                with suppress(BlockingIOError):
                    while data := os.read(descriptor, _READ):
                        self._raw += len(data)
                        if self._raw > self._most:
                            self._too_much()
                        stream.write(decoder.decode(data))
            with suppress(BlockingIOError):
                while True:
                    part = json.loads(self._inbox.recv(1 << 20))
                    content = {"name": part["name"], "text": part["text"]}
                    self.arrived(self.session.msg("stream", content, parent={"header": part["parent"]}))

    def finish(self) -> None:
        """The end of a cell: half a character that was written to a descriptor becomes no whole one in a later cell."""
        self.drain()
        with self._lock:
            for stream, decoder in self._streams.values():
                if rest := decoder.decode(b"", final=True):
                    stream.write(rest)

    def _serve(self) -> None:
        while True:
            with self._lock:
                wait = max(0.0, self._deadlines[0][0] - time.monotonic()) if self._deadlines else None
            waited: list[Any] = [self._wake_in, self._inbox, *self._streams]
            ready, _, _ = select.select(waited, [], [], wait)
            if self._wake_in in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake_in, _READ)
            self.drain()
            with self._lock:
                while self._deadlines and self._deadlines[0][0] <= time.monotonic():
                    heapq.heappop(self._deadlines)[2]()


def bytes_of(content: Any) -> int:
    """Bytes of a message's content, near enough for a limit."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, dict):
        return sum(len(key) + bytes_of(value) for key, value in content.items())
    if isinstance(content, list):
        return sum(map(bytes_of, content)) + len(content)
    return 8
