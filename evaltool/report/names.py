"""Folder names made from codes and names of counties, safe on every system."""

from __future__ import annotations

import hashlib
import re
import unicodedata

OVERVIEW_FOLDER = "overview"
_LONGEST = 40
_OTHER = re.compile(r"[^0-9A-Za-z\-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")


def safe_name(text: str) -> str:
    """Only Chinese characters, ASCII letters, digits and hyphens; whatever else stands there becomes one hyphen."""
    plain = unicodedata.normalize("NFC", text)
    return _OTHER.sub("-", plain).strip("-")[:_LONGEST].rstrip("-")


def folder_name(code: str, name: str) -> str:
    """`420901_示例县`: the code first, so that the folder is unique and sorts by code.

    A code that cannot stand there as it is gets a mark of its own (`1-1_b05e2447_示例县` for `1.1`), or two counties of
    the same name could share a folder. A name holds no underscore, so no other code makes the same, on
    a disk that tells capitals from small letters.
    """
    safe = safe_name(code)
    if safe != code or not code:
        safe = f"{safe or 'x'}_{hashlib.sha256(code.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"{safe}_{safe_name(name) or '未命名'}"
