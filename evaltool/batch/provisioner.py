"""A kernel that is forked from this warm process instead of started: what jupyter_client calls a provisioner.

Everything else stays as it is: jupyter_client's connection file and channels, ipykernel's application.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from evaltool.batch import here
from evaltool.batch.orphans import die_with


class ForkedKernel(LocalProvisioner):  # type: ignore[misc]
    """Registered as jupyter_client.kernel_provisioners: evaltool-forked. Only for a process with one thread."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        self.process = _Forked(cmd, options.get("env"), options.get("cwd"))
        self.pid = self.process.pid
        self.pgid = self.process.pid
        return self.connection_info


class _Forked:
    """As much of a Popen as a provisioner asks for."""

    stdout = stderr = stdin = None

    def __init__(self, command: list[str], environment: dict[str, str] | None, folder: str | None) -> None:
        self.returncode: int | None = None
        here = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                die_with(here)
                _become_kernel(command, environment, folder)
                code = 0
            except SystemExit as leave:
                code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
            except BaseException:  # noqa: BLE001 – the kernel's own end; the log has it
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(code)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int | None:
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _become_kernel(command: list[str], environment: dict[str, str] | None, folder: str | None) -> None:
    """The rest of a forked process's life: ipykernel's application, as if it had just been started."""
    from ipykernel.kernelapp import IPKernelApp
    from ipykernel.kernelbase import Kernel
    from IPython.core.interactiveshell import InteractiveShell

    os.setsid()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(name, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    if folder:
        os.chdir(folder)
    asyncio.events._set_running_loop(None)
    asyncio.set_event_loop(None)
    for single in (IPKernelApp, Kernel, InteractiveShell):  # the kernel that the parent has made for itself
        for kind in (*single.__subclasses__(), single):
            kind.clear_instance()
    here.seed(here.HERE.key if here.HERE else None)
    arguments = command[command.index("-f") :]
    sys.argv = [sys.argv[0], *arguments]
    IPKernelApp.launch_instance(argv=arguments)
