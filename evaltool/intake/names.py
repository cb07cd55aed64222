"""Whether two spellings name one county: traditional characters, province and city before it, short forms, old names.

A spelling alone never decides between two counties: every way but the plain one counts only where it leads to exactly
one county of the roster, and whoever takes it says so (W126).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import pandas as pd

SPACING, TRADITIONAL, PREFIXED = "空格、括号或全角写法不同", "繁体字", "带了省、市名"
SHORT, ENDING, OLD = "简称", "县、区、市写法不同", "旧名或旧代码"
_PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
}  # fmt: skip
_ONE_LEVEL = frozenset(_PROVINCES.values()) - {"吉林"}  # 吉林市 is a city; 北京市 and 北京, 湖北 stand for the province
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|"
    "仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|德昂|保安|裕固|独龙|鄂伦春|各"
)
_AUTONOMOUS = re.compile(rf"(.*?)((?:(?:{_PEOPLES})族)+|蒙古|哈萨克|锡伯|塔吉克|鄂伦春)(自治县|自治旗)")
_ABOVE = re.compile(r"(.+?(?:省|自治区|特别行政区|自治州|地区|盟|市))(?=..)")
_ENDS = ("县", "区", "市", "旗")
_BRACKETS = str.maketrans("〔[【〈", "((((", "\u200b\u200c\u200d\u200e\u200f\ufeff\u2060") | str.maketrans(
    "〕]】〉", "))))"
)


class Match(NamedTuple):
    """The county of the roster that a code and a name mean.

    code        its code in the roster; empty where none or more than one fits
    how         the way in which the spelling differs, empty where it does not
    candidates  all codes that fit, where more than one does
    """

    code: str
    how: str = ""
    candidates: tuple[str, ...] = ()


def plain(text: str) -> str:
    """The text without spaces and invisible characters, in half-width, with one kind of brackets."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_BRACKETS).split())


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def simplified(text: str) -> str:
    """The text in simplified characters (opencc, t2s: characters and set phrases, no change of wording)."""
    return text if text.isascii() else str(_converter().convert(text))


def same_county(name: str, roster_name: str) -> str | None:
    """How two spellings come to one name: "" where they are equal, None where they are not.

    Looks at the names alone; old names and what is unique in a roster need `county_in`.
    """
    if name == roster_name:
        return ""
    for how, form in ((SPACING, plain), (TRADITIONAL, _basic), (PREFIXED, _own), (SHORT, stem)):
        mine, theirs = form(name), form(roster_name)
        if mine and mine == theirs and (how != SHORT or _suffix(name) in ("", _suffix(roster_name))):
            return how
    return None


def _basic(name: str) -> str:
    return simplified(plain(name))


def _own(name: str) -> str:
    """The county's own name, without what lies above it."""
    return _split(name)[1]


@lru_cache(maxsize=4096)
def _split(name: str) -> tuple[tuple[str, ...], str]:
    """`湖北省恩施土家族苗族自治州建始县` → what lies above, and the county. A name is never used up: 津市市 stays."""
    above, rest = [], _basic(name)
    while (found := _ABOVE.match(rest)) and rest[found.end() :][-1] in _ENDS and len(rest) > found.end() + 1:
        above.append(found[1])
        rest = rest[found.end() :]
    for short in _PROVINCES.values():  # 湖北松影县
        if not above and rest.startswith(short) and len(rest) > len(short) + 2 and rest.endswith(_ENDS):
            return (short,), rest[len(short) :]
    return tuple(above), rest


def stem(name: str) -> str:
    """长阳土家族自治县 → 长阳, 松影县 → 松影, 东乡族自治县 → 东乡; 横县 stays, as do names without such an end."""
    own = _own(name)
    if found := _AUTONOMOUS.fullmatch(own):
        return found[1] or found[2].removesuffix("族")
    return own[:-1] if own.endswith(_ENDS) and len(own) > 2 else own


def _suffix(name: str) -> str:
    """县 of an autonomous county too; 区, 市, 旗; empty where the name has none."""
    own = _own(name)
    return own[-1] if own.endswith(_ENDS) and len(own) > 1 else ""


# --- the roster ---


def county_in(roster: pd.DataFrame, code: str, name: str) -> Match:
    """The county of the roster that `code` and `name` mean; the name may be spelled in any of the ways.

    roster  index code; columns name and, where there is one, city
    A code of the roster is believed only if the name fits it. A code that the roster does not have is believed only
    through the succession of GB/T 2260 (renamed.csv). Without a code the name must mean one county.
    """
    names = {str(key): str(value) for key, value in roster["name"].items()}
    cities = {str(key): str(value or "") for key, value in roster["city"].items()} if "city" in roster else {}
    code = plain(code).removesuffix(".0")
    if code in names:
        how = _fits(code, name, code, names[code], cities.get(code, ""))
        alike = tuple(key for key, other in names.items() if stem(other) == stem(name))
        if how in (SHORT, ENDING) and len(alike) > 1:
            return Match("", "", alike)
        return Match(code, how) if how is not None else Match("")
    if code:
        found = [key for key in names if _succeeds((code, name), (key, names[key]))]
        return Match(found[0], OLD) if len(found) == 1 else Match("", "", tuple(found))
    for exact in (True, False):
        fits = {key: _fits("", name, key, names[key], cities.get(key, "")) for key in names}
        found = [key for key, how in fits.items() if how is not None and (how == "" or not exact)]
        if found:
            return Match(found[0], fits[found[0]] or "") if len(found) == 1 else Match("", "", tuple(found))
    return Match("")


def _fits(code: str, name: str, key: str, known: str, city: str) -> str | None:
    """How the name means the county `key`; None where it does not, or where what stands before it says otherwise."""
    how = same_county(name, known)
    if how is None and _succeeds((code or key, name), (key, known)):
        how = OLD
    if how is None and code and name and stem(name) == stem(known):
        how = ENDING  # 松影区 under the code of 松影县: the code says that it is the same one
    return how if how is None or _lies_in(name, key, city) else None


def _lies_in(name: str, code: str, city: str) -> bool:
    """Whether the province and city written before a county's name are not another's."""
    for above in _split(name)[0]:
        province = next((key for key, short in _PROVINCES.items() if above.startswith(short)), "")
        if province and (above.endswith(("省", "自治区")) or above.removesuffix("市") in _ONE_LEVEL):
            if code[:2] in _PROVINCES and code[:2] != province:
                return False
        elif city and above[:2] not in simplified(city):
            return False
    return True


# --- old names ---


@cache
def _lines() -> dict[str, list[frozenset[tuple[str, str]]]]:
    """Code → the lines of succession in which it stands, each all (code, name) that one county has had."""
    text = (files("evaltool.intake") / "renamed.csv").read_text("utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    after = {(row["code"], row["name"]): (row["new_code"], row["new_name"]) for row in rows}
    lines: dict[str, list[frozenset[tuple[str, str]]]] = {}
    for first in after.keys() - set(after.values()):
        line = [first]
        while line[-1] in after and after[line[-1]] not in line:
            line.append(after[line[-1]])
        for code in dict.fromkeys(code for code, _ in line):
            lines.setdefault(code, []).append(frozenset(line))
    return lines


def _succeeds(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether both stand in one line of succession, earlier or later; `乐都` and `樂都縣` stand for 乐都县 there."""
    return any(_has(line, other) and _has(line, one) for line in _lines().get(other[0], ()))


def _has(line: frozenset[tuple[str, str]], unit: tuple[str, str]) -> bool:
    code, name = unit
    return any(code == known for known, _ in line) and any(same_county(name, known) is not None for _, known in line)
