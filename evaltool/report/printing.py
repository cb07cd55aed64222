"""Pages as PDF through the browser of the machine (Chromium, Chrome or Edge), kept open for a whole batch.

The browser is driven over its own debugging protocol through two pipes (`--remote-debugging-pipe`): no port that
somebody else could connect to, no driver to be installed, and a browser that ends by itself when this process does.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from evaltool.files import write_bytes

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "msedge", "brave-browser",
)  # fmt: skip
PLACES = (  # where installers put them outside the search path
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
)
VARIABLE = "EVALTOOL_BROWSER"  # the browser to use, where it is not found by itself
SECONDS_A_PAGE = 60.0
SECONDS_TO_START = 60.0
_FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--mute-audio",
    "--no-first-run", "--no-default-browser-check", "--no-pings", "--disable-background-networking",
    "--disable-component-update", "--disable-component-extensions-with-background-pages", "--disable-default-apps",
    "--disable-domain-reliability", "--disable-extensions", "--disable-sync", "--disable-quic", "--disable-breakpad",
    "--disable-dev-shm-usage", "--metrics-recording-only", "--password-store=basic", "--use-mock-keychain",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider", "--window-size=900,1200",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
)  # fmt: skip
_BLOCKED = ["http://*", "https://*", "ws://*", "wss://*", "ftp://*"]
# The pipes become the descriptors 3 and 4 that the browser expects; numbered from 10, none of them is in the way.
_START = "import os,sys;r,w=map(int,sys.argv[1:3]);os.dup2(r,3);os.dup2(w,4);os.execv(sys.argv[3],sys.argv[3:])"
_READY = """new Promise(done => { const look = () => {
  const left = document.querySelectorAll('figure.chart:not([data-drawn])').length;
  if (left && !window.Plotly) { done('missing'); }
  else if (left) { setTimeout(look, 10); }
  else { document.fonts.ready.then(() => done(document.querySelectorAll('figure.chart[data-drawn=no]').length)); }
}; look(); })"""
_DATES = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}([^)]*\))")
_NODES = re.compile(rb"\bnode\d{8}\b")
_MARGIN_BOXES = 131  # the first version that prints the page's own footer
_FOOTER = (
    '<div style="width:100%;font-size:8px;color:#444;margin:0 15mm;display:flex;justify-content:space-between">'
    '<span class="title"></span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>'
)


class PrintError(Exception):
    """A page was not printed; the text says why, in Chinese, and what to do."""


class NoBrowser(PrintError):
    """There is no browser on this machine that could print."""


class BrowserGone(PrintError):
    """The browser does not start, or does not answer: no page's fault, and the next page will hardly fare better."""


class _Gone(Exception):
    """The browser has ended, or does not answer any more."""


def find_browser() -> Path:
    """The browser of the machine. Raises NoBrowser where there is none."""
    asked = os.environ.get(VARIABLE, "")
    if asked:
        found = shutil.which(asked)
        if not found:
            raise NoBrowser(f"环境变量 {VARIABLE} 写的浏览器“{asked}”不存在或不能运行；改正它，或去掉它让程序自己找")
        return Path(found)
    for name in (*NAMES, *(os.path.expandvars(place) for place in PLACES)):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise NoBrowser(
        "要生成 PDF，这台电脑上得有 Chromium、Chrome 或 Edge 浏览器，没有找到。装上其中一个；装在别处的，把它的路径写进环境变量 "
        f"{VARIABLE}。也可以不要 PDF：报告网页本身就能打印"
    )


class Printer:
    """A browser that prints one page after another: `with Printer() as printer: printer.print(html, pdf)`.

    It is started with the first page and ended with the block, its own profile with it. A browser that dies is started
    again, once for the page that it died on. One thread at a time.
    """

    def __init__(self, browser: str | Path | None = None, seconds_a_page: float = SECONDS_A_PAGE) -> None:
        self._program = find_browser() if browser is None else Path(browser)
        self._seconds = seconds_a_page
        self._browser: _Browser | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the browser; nothing of it stays. The next page would start it again."""
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def print(self, html_path: str | Path, pdf_path: str | Path) -> Path:
        """Prints a page when all its charts are drawn, on A4 as its style sheet says; returns the PDF's path.

        The PDF is written beside and renamed, and the same page gives the same bytes.

        raises  PrintError where the page is missing, its charts cannot be drawn, it takes too long, or the browser
                died twice on it; BrowserGone where the browser itself does not start or answer
        """
        page = Path(html_path).resolve()
        if not page.is_file():
            raise PrintError(f"没有可以打印的网页：{page}")
        for last in (False, True):
            try:
                if self._browser is None:
                    self._browser = _Browser(self._program)
                data = self._browser.pdf(page.as_uri(), self._seconds)
                return write_bytes(pdf_path, data)
            except _Gone as gone:
                started = self._browser is not None
                self.close()
                if last and not started:
                    raise BrowserGone(f"浏览器 {self._program} 一启动就终止：{gone}；看看它能不能正常打开") from gone
                if last:
                    raise PrintError(f"浏览器两次中途终止，没有打印 {page.name}：{gone}") from gone
            except TimeoutError as late:
                self.close()  # a page that hangs may hold the browser's renderer for ever
                raise PrintError(f"打印 {page.name} 超过了 {self._seconds:.0f} 秒的时限；在浏览器里打开它看看") from late
        raise AssertionError("either printed or raised")


class _Browser:
    """One browser process with one page, and what is said to it and by it."""

    def __init__(self, program: Path) -> None:
        self._profile = tempfile.mkdtemp(prefix="ev-print-")
        self._number = 0
        self._inbox: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        try:
            self._process, self._to, self._from = _started(program, self._profile)
        except OSError as error:
            shutil.rmtree(self._profile, ignore_errors=True)
            raise BrowserGone(f"浏览器 {program} 不能启动：{error.strerror or error}") from error
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self._prepare(time.monotonic() + SECONDS_TO_START)
        except BaseException:
            self.close()
            raise

    def _prepare(self, until: float) -> None:
        try:
            version = self._ask("Browser.getVersion", {}, until, session=False)
            target = self._ask("Target.createTarget", {"url": "about:blank"}, until, session=False)["targetId"]
            attached = {"targetId": target, "flatten": True}
            self._session = self._ask("Target.attachToTarget", attached, until, session=False)["sessionId"]
            for domain in ("Page", "Network", "Inspector"):
                self._ask(f"{domain}.enable", {}, until)
            self._ask("Network.setBlockedURLs", {"urls": _BLOCKED}, until)
        except TimeoutError as late:
            raise BrowserGone(f"浏览器 {SECONDS_TO_START:.0f} 秒内没有应答；看看它能不能正常打开") from late
        except PrintError as refused:  # it is too old, or no such browser at all
            raise BrowserGone(str(refused)) from refused
        found = re.search(r"/(\d+)", str(version.get("product", "")))
        self._own_footer = bool(found and int(found.group(1)) >= _MARGIN_BOXES)

    # --- a page ---

    def pdf(self, address: str, seconds: float) -> bytes:
        """The PDF of one page. Raises PrintError, TimeoutError, _Gone."""
        until = time.monotonic() + seconds
        went = self._ask("Page.navigate", {"url": address}, until)
        if went.get("errorText"):
            raise PrintError(f"浏览器打不开网页：{went['errorText']}")
        self._await("Page.loadEventFired", until)
        asked = {"expression": _READY, "awaitPromise": True, "returnByValue": True}
        state = self._ask("Runtime.evaluate", asked, until)["result"].get("value")
        if state == "missing":
            raise PrintError("图画不出来：网页旁边没有 assets 里的 plotly.min.js；请连同 assets 一起放好再打印")
        if state:
            raise PrintError(f"有 {state} 张图画不出来；在浏览器里打开网页看是哪一张")
        told: dict[str, Any] = {
            "preferCSSPageSize": True, "printBackground": True, "generateTaggedPDF": True,
            "generateDocumentOutline": True, "transferMode": "ReturnAsBase64", "displayHeaderFooter": False,
        }  # fmt: skip
        if not self._own_footer:
            told |= {"displayHeaderFooter": True, "headerTemplate": "<span></span>", "footerTemplate": _FOOTER}
        data = base64.b64decode(self._ask("Page.printToPDF", told, until)["data"])
        if not data.startswith(b"%PDF") or b"%%EOF" not in data[-32:]:
            raise PrintError("浏览器给出的 PDF 不完整")
        return _steady(data)

    # --- the protocol: JSON texts that end with a zero byte ---

    def _ask(self, method: str, parameters: dict[str, Any], until: float, session: bool = True) -> dict[str, Any]:
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = self._session
        try:
            self._to.write(json.dumps(message).encode() + b"\0")
            self._to.flush()
        except (OSError, ValueError) as error:
            raise _Gone(f"退出码 {self._process.poll()}") from error
        while True:
            answer = self._next(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise PrintError(f"浏览器不接受 {method}：{answer['error'].get('message', '')}")
                result: dict[str, Any] = answer.get("result", {})
                return result

    def _await(self, event: str, until: float) -> None:
        while self._next(until).get("method") != event:
            pass

    def _next(self, until: float) -> dict[str, Any]:
        """The next message. Raises TimeoutError, and _Gone when the browser or its page has died."""
        try:
            message = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise TimeoutError from None
        if message is None:
            raise _Gone(f"退出码 {self._process.poll()}")
        if message.get("method") in ("Inspector.targetCrashed", "Inspector.detached", "Target.detachedFromTarget"):
            raise _Gone("网页的进程崩溃，多半是内存不足")
        return message

    def _listen(self) -> None:
        """Puts what the browser says into the inbox, and None when it says no more."""
        begun: list[bytes] = []
        with suppress(OSError, ValueError):
            while piece := self._from.read1(1 << 20):
                first, *others = piece.split(b"\0")
                begun.append(first)
                for other in others:
                    self._inbox.put(json.loads(b"".join(begun)))
                    begun = [other]
        self._inbox.put(None)

    def close(self) -> None:
        with suppress(OSError, ValueError):
            self._to.write(b'{"id":0,"method":"Browser.close"}\0')
            self._to.flush()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(OSError):  # what it has started ends with it
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(OSError, ValueError):
                pipe.close()
        for _ in range(20):  # processes of the group may still be writing while they end
            shutil.rmtree(self._profile, ignore_errors=True)
            if not Path(self._profile).exists():
                break
            time.sleep(0.05)


def _steady(data: bytes) -> bytes:
    """The same PDF whenever it was printed, and whatever the browser had printed before: its dates, and the numbers
    by which it knows the parts of the page, which it counts on from page to page. Nothing changes its length."""
    numbers = sorted(set(_NODES.findall(data)))
    ranks = {number: b"node%08d" % i for i, number in enumerate(numbers, 1)}
    return _NODES.sub(lambda match: ranks[match.group()], _DATES.sub(rb"\g<1>20000101000000\g<2>", data))


def _started(program: Path, profile: str) -> tuple[subprocess.Popen[bytes], BinaryIO, Any]:
    """The browser, and the pipes to it and from it."""
    command = [str(program), *_FLAGS, f"--user-data-dir={profile}"]
    if sys.platform != "win32" and os.geteuid() == 0:
        command.append("--no-sandbox")  # as root the browser starts with no other; nobody should work as root
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    try:
        process = _launched(command, theirs_in, theirs_out, profile)
    except BaseException:
        os.close(ours_in)
        os.close(ours_out)
        raise
    finally:
        os.close(theirs_in)
        os.close(theirs_out)
    return process, os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")


def _launched(command: Sequence[str], reads: int, writes: int, profile: str) -> subprocess.Popen[bytes]:
    quiet: dict[str, Any] = {
        "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": profile,
    }  # fmt: skip
    if sys.platform == "win32":
        import msvcrt

        handles = [msvcrt.get_osfhandle(end) for end in (reads, writes)]
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        asked = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
        pipes = f"--remote-debugging-io-pipes={handles[0]},{handles[1]}"
        return subprocess.Popen([*command, pipes, "about:blank"], startupinfo=asked, close_fds=True, **quiet)
    import fcntl

    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (reads, writes)]
    try:
        first = [sys.executable, "-S", "-c", _START, *map(str, high)]
        return subprocess.Popen([*first, *command, "about:blank"], pass_fds=high, start_new_session=True, **quiet)
    finally:
        for end in high:
            os.close(end)
