"""Points and numbers as they are written into cells: `17`, `（17分）`, `1.5 分`, `一、`, `A1.2`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from evaltool.quantities import Exact, parse_plain

_NUMBER = r"\d+(?:\.\d+)?"
_PLAIN = re.compile(rf"(?:满分|最高(?:得|加|扣)?|共|计)?[(\[]?([+-]?{_NUMBER})(%)?\s*分?[)\]]?")
# at the end of a name or a sentence: （17分） [17] (0.5) 满分17分 …
_MARK = re.compile(
    rf"\s*[(\[【<]\s*(?:满分|共|计|分值|权重|最高(?:加|扣|得)?|上限)?[:为]?\s*([+-]?{_NUMBER})\s*(分|%)?\s*[)\]】>]\s*[;。,]?$"
)
_BARE = re.compile(rf"[,:;\s]*(?:满分|共|计|分值|权重)?[:为]?\s*(?<![\d.~-])({_NUMBER})分[;。,]?$")
_CODE = re.compile(
    r"(?:(?P<a>[A-Z]{1,2}\d*(?:[.-]\d+)*|\d+(?:\.\d+)+)[.、)\s]*(?=[^\d\s.%])"
    r"|(?P<b>\d+)[.、)](?=\D)|[(](?P<c>[一二三四五六七八九十]+|\d+)[)]、?|(?P<d>[一二三四五六七八九十]+)、"
    r"|(?P<e>第[一二三四五六七八九十]+[部分]*)[、:\s])\s*"
)
_NOTHING = {"", "-", "--", "—", "——", "/", "\\", "无", "*"}
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def plain(text: str) -> str:
    """Full-width letters, digits and marks made plain, as many as before, so that places in the two texts agree.

    Circled numbers stay: they number items.
    """
    return "".join(_one(character) for character in text)


def _one(character: str) -> str:
    made = unicodedata.normalize("NFKC", character)
    return made if len(made) == 1 and character not in CIRCLED else character


@dataclass(frozen=True, slots=True)
class Points:
    """What a points cell says: a number, nothing (`value` None), or something that is no number (`fault`)."""

    value: Exact | None = None
    percent: bool = False
    fault: str = ""


def read_points(text: str) -> Points:
    """A points cell. Ranges, words and the like are a fault, never a guess."""
    told = plain(text).strip()
    if told in _NOTHING:
        return Points()
    found = _PLAIN.fullmatch(told.replace("+", "", 1) if told.startswith("+") else told)
    if not found:
        return Points(fault=f"“{text}”不是分值")
    value = parse_plain(found[1])
    return Points(value, found[2] is not None)


def split_points(text: str) -> tuple[str, Points]:
    """A name and the points written in brackets behind it: `组织管理（17分）` → 组织管理, 17."""
    told = plain(text)
    found = _MARK.search(told)
    if not found or not told[: found.start()].strip():
        found = _BARE.search(told)
        if not found or not _noun(told[: found.start()]):
            return text.strip(), Points()
        return text[: found.start()].strip(), Points(parse_plain(found[1]))
    return text[: found.start()].strip(), Points(parse_plain(found[1]), found[2] == "%")


def marked_points(text: str) -> tuple[str, Exact | None]:
    """A sentence and the points in brackets at its end, or None: `…牵头（1）` → …牵头, 1."""
    told = plain(text)
    found = _MARK.search(told)
    if not found or found[2] == "%" or not told[: found.start()].strip():
        return text, None
    return text[: found.start()].strip(), parse_plain(found[1])


def _noun(text: str) -> bool:
    """Whether what stands before a bare `17分` is a name that it belongs to, and no verb that gives or takes points."""
    return bool(text.strip()) and not re.search(r"(得|扣|加|减|计|给|低|高|于|满|足|达|到|每|个|和)$", text.strip())


def split_code(text: str) -> tuple[str, str]:
    """(`1.1`, 组织管理) of `1.1 组织管理`; the code is empty where there is none."""
    told = plain(text)
    found = _CODE.match(told)
    if not found or not told[found.end() :].strip():
        return "", text.strip()
    code = next(part for part in found.groups() if part)
    return code, text[found.end() :].strip()
