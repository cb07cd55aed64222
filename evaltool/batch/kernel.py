"""ipykernel's kernel and shell, run in this very process: no sockets, no second process, no event thread.

Cells, messages and the notebook are handled by ipykernel, IPython, nbclient and papermill themselves; this module only
joins them, so that a notebook comes out as by papermill.
"""

from __future__ import annotations

import asyncio
import builtins
import logging
import os
import sys
import tempfile
import threading
from contextlib import suppress
from contextvars import Context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ipykernel.utils
import ipykernel_launcher
from ipykernel import ipkernel
from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp
from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient

from evaltool.batch.wires import CollectingSession, Message, Wires

STDOUT, STDERR = 1, 2
_MOST_WAITING = 1 << 20  # characters printed but not sent
HISTORY = "--HistoryManager.hist_file=:memory:"  # as nbclient starts a kernel: nothing in the user's own history


class WidgetsWanted(Exception):
    """The notebook opened a comm (a widget): somebody must answer it, so it needs a real channel."""


class IPythonKernel(ipkernel.IPythonKernel):  # type: ignore[misc]
    """The kernel without what belongs to its channels. Cells can see its name, so it has the usual one."""

    def _abort_queues(self, *_: Any) -> None:
        """Nothing waits in a queue here: cells come one by one."""

    def _initialize_thread_hooks(self) -> None:
        """Done in `DirectApp.redirect`, where the streams are made."""

    def start_in(self, loop: Any) -> None:
        self.io_loop = loop
        if self.shell:
            self.shell.exit_now = False


class DirectApp(IPKernelApp):  # type: ignore[misc]
    """ipykernel's application as far as a notebook can see it: configuration, profile, startup files, magics."""

    kernel_class = IPythonKernel
    session: CollectingSession

    def init_session(self) -> None:
        self.session = CollectingSession(parent=self, username="username")

    def init_blackhole(self) -> None: ...
    def init_connection_file(self) -> None: ...
    def init_poller(self) -> None: ...
    def init_sockets(self) -> None: ...
    def init_heartbeat(self) -> None: ...
    def write_connection_file(self, **_: Any) -> None: ...
    def log_connection_info(self) -> None: ...
    def init_io(self) -> None: ...
    def init_signal(self) -> None: ...

    def init_kernel(self) -> None:
        self.init_session()
        self.kernel = self.kernel_class.instance(
            parent=self,
            session=self.session,
            # its only use in a kernel without channels: which thread may handle signals
            shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )

    def settle(self) -> None:
        """What depends on the environment, which a forked process gets only after the kernel was made."""
        self.shell.init_environment()
        self.init_gui_pylab()
        self.configure_tornado_logger()
        os.environ["JPY_PARENT_PID"] = str(os.getppid())

    def redirect(self, wires: Wires) -> None:
        """Output of this process becomes output of cells. What a program writes to the copy of descriptor 1 or 2 that
        `sys.stdout.fileno()` names goes where the process wrote before: into the log."""
        streams = {}
        for number, name in ((STDOUT, "stdout"), (STDERR, "stderr")):
            getattr(sys, f"__{name}__").flush()
            copy = os.dup(number)
            stream = OutStream(self.session, wires.output, name, watchfd=False)
            stream._original_stdstream_copy = copy
            stream.flush = _flush_of(stream, wires)
            stream._schedule_flush = _schedule_of(stream, wires)
            streams[number] = stream
        wires.watch(streams)
        sys.stdout, sys.stderr = streams[STDOUT], streams[STDERR]
        self.displayhook = ZMQDisplayHook(self.session, None)
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        sys.displayhook = self.displayhook
        self.patch_io()
        # ipykernel 7.0 follows threads through the streams that it finds when the kernel is made
        if hooks := getattr(ipkernel.IPythonKernel, "_initialize_thread_hooks", None):
            self.kernel._stdout, self.kernel._stderr = sys.stdout, sys.stderr
            hooks(self.kernel)


def _flush_of(stream: OutStream, wires: Wires) -> Any:
    def flush() -> None:
        wires.drain()
        wires.send_printed(stream)

    return flush


def _schedule_of(stream: OutStream, wires: Wires) -> Any:
    """The usual one waits with sending until the other thread gets its turn; meanwhile any amount may be printed. Not
    `write` itself, which a cell may see in a traceback."""
    usual = stream._schedule_flush

    def schedule() -> None:
        usual()
        with stream._buffer_lock:  # another thread that sends them closes them
            waiting = sum(buffer.tell() for buffer in stream._buffers.values())
        if waiting > _MOST_WAITING:
            wires.send_printed(stream)

    return schedule


def make_app() -> DirectApp:
    """The application with kernel and shell. Made before a fork if nothing in it starts a thread."""
    if "ipykernel.debugger" not in sys.modules:  # no debugger: it would start threads and watch every line
        sys.modules["debugpy"] = None  # type: ignore[assignment]
        import ipykernel.debugger  # noqa: F401

        del sys.modules["debugpy"]
    app = DirectApp.instance()
    app.initialize([HISTORY])
    return app


class DirectClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with the kernel in the same process. It asks `kc` as it would ask a distant kernel."""

    def __init__(self, nb_man: Any, app: DirectApp, wires: Wires, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._app = app
        self.kc = _Channels(app.kernel, wires)

    def execute(self, **_: Any) -> Any:
        self.reset_execution_trackers()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._execute())
        self.nb.metadata["language_info"] = self._app.kernel.kernel_info["language_info"]
        self.set_widgets_metadata()
        return self.nb

    async def _execute(self) -> None:
        from tornado.ioloop import IOLoop

        self._app.kernel.start_in(IOLoop.current())
        for index, cell in enumerate(self.nb.cells):
            try:
                self.nb_man.cell_start(cell, index)
                await self.async_execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                break
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)

    def _update_display_id(self, display_id: str, msg: Message) -> None:
        super()._update_display_id(display_id, msg)
        self.nb_man.updated = True

    def handle_comm_msg(self, outs: Any, msg: Message, cell_index: int) -> None:
        raise WidgetsWanted("单元用了控件（widget）")


class _Channels:
    """What nbclient needs of a kernel client. A cell is run when its reply is asked for."""

    def __init__(self, kernel: IPythonKernel, wires: Wires) -> None:
        self._kernel, self._wires = kernel, wires
        # Since 7.1 the cells of a notebook share one context; before that each had one of its own. Either begins empty:
        # what this process was warmed with has left a decimal context in its own, which all copies would share.
        self._context = Context() if hasattr(ipykernel.utils, "_async_in_context") else None
        self._request: Message | None = None
        self._ran = asyncio.Event()
        self._messages: list[Message] = []
        self.shell_channel = SimpleNamespace(get_msg=self._reply)
        self.iopub_channel = SimpleNamespace(get_msg=self._output)

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        content = {
            "code": code, "silent": False, "store_history": store_history, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": stop_on_error,
        }  # fmt: skip
        self._request = self._wires.session.msg("execute_request", content)
        self._ran.clear()
        return str(self._request["header"]["msg_id"])

    async def is_alive(self) -> bool:
        return True

    async def _reply(self, timeout: float | None = None) -> Message:
        """Runs the cell and returns its reply; how long it may take is watched from outside."""
        if self._kernel.shell.exit_now:
            raise DeadKernelError("Kernel died")
        request, self._request = self._request, None
        assert request is not None
        await asyncio.create_task(self._run(request), context=Context() if self._context is None else self._context)
        messages = self._wires.taken()
        reply = next(one for one in messages if one["msg_type"] == "execute_reply")
        self._messages = [one for one in messages if one["msg_type"] != "execute_reply"]
        self._ran.set()
        return reply

    async def _run(self, request: Message) -> None:
        kernel = self._kernel
        kernel.set_parent([b"evaltool"], request)
        kernel._publish_status("busy", "shell")
        kernel.pre_handler_hook()
        try:
            await kernel.execute_request(None, [b"evaltool"], request)
        except KeyboardInterrupt:
            logging.getLogger(__name__).error("KeyboardInterrupt outside a cell")
        finally:
            if os.getpid() != self._wires.home:
                _end_copy()
            kernel.post_handler_hook()
        self._wires.finish()
        sys.stdout.flush()
        sys.stderr.flush()
        kernel._publish_status("idle", "shell")

    async def _output(self, timeout: float | None = None) -> Message:
        await self._ran.wait()
        return self._messages.pop(0)


def _end_copy() -> None:
    """Of a process that a cell has forked and let go on: the notebook goes on in the first one only."""
    with suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def launcher_arguments() -> list[str]:
    """sys.argv as a cell of a kernel sees it."""
    connection = Path(tempfile.gettempdir(), "tmpevaltool.json")
    return [str(ipykernel_launcher.__file__), "-f", str(connection), HISTORY]


def forget_builtins() -> None:
    """`_` of an earlier display, which a fresh interpreter does not have."""
    if hasattr(builtins, "_"):
        del builtins._
