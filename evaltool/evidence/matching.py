"""Whose a file is and which item it belongs to: by its folder, by its name, by what the county wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pandas as pd

from evaltool.evidence.asking import Item
from evaltool.intake.names import county_in, plain, simplified
from evaltool.intake.privacy import masked
from evaltool.scheme import Scheme

SHORTEST = 4  # characters of a name that is looked for inside another text
_CODE = re.compile(r"(\d{6})(?!\d)[\s_\-—–.、]*(.*)", re.DOTALL)
_MATERIAL = re.compile(r"(?:的?(?:佐证|证明|评价|自评|填报|上报|报送)?(?:材料|资料|证据|附件|档案|文件夹|佐证))+$")
_COUNTY = re.compile(r"^[^_\-—–\s(]{2,20}?(?:自治县|自治旗|县|区|市|旗)")
_DOCUMENT = re.compile(r"([\u4e00-\u9fff]{1,12})\(?(?:〔|\[|\(|【)(\d{4})(?:〕|\]|\)|】)第?(\d{1,5})号")
_BEFORE = re.compile(r"^.*(?:见|附件|依据|根据|按照|关于|文件|文号|和|及|与|为)")
_FILE = re.compile(
    r"[^\s;；、，,。：:《》“”\"/\\]+\.(?:pdf|ofd|docx?|wps|txt|xlsx?|et|pptx?|zip|rar|7z|"
    r"jpe?g|png|bmp|tiff?|heic|mp4|mov|avi)(?![a-z])",
    re.IGNORECASE,
)
_TITLE = re.compile(r"《([^》]{2,60})》")


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """The text as it is compared: simplified, half-width, lower case, numbers masked, only letters and digits."""
    return re.sub(r"[\W_]+", "", simplified(plain(masked(text)[0])).casefold())


@lru_cache(maxsize=4096)
def documents(text: str) -> dict[tuple[str, str, str], str]:
    """The document numbers in a text, in whatever brackets: (last two letters, year, number) → 鄂商〔2020〕12号.

    Two letters of the issuer are compared, because words may stand before them (依据鄂商〔2020〕12号).
    """
    found = _DOCUMENT.findall(simplified("".join(text.split())))
    return {
        (issuer[-2:], year, str(int(number))): f"{_BEFORE.sub('', issuer)}〔{year}〕{int(number)}号"
        for issuer, year, number in found
    }


def named(text: str) -> list[str]:
    """What a county names in its evidence so plainly that it can be looked for: file names and titles in 《》."""
    return list(dict.fromkeys([*_FILE.findall(text), *_TITLE.findall(text)]))


def county_of(roster: pd.DataFrame, name: str) -> tuple[str, tuple[str, ...]]:
    """The roster code that the name of a folder or file means, or none and the codes it may mean."""
    code, rest = "", name
    if found := _CODE.match(plain(name)):
        code, rest = found[1], found[2]
    rest = _MATERIAL.sub("", simplified(plain(rest)).strip("()_-"))
    if code in roster.index:
        told = _COUNTY.match(rest)
        if told is None or county_in(roster, code, told[0]).code == code:
            return code, ()
        return "", (code,)  # the code says one county, the name another
    for text in dict.fromkeys([rest, *([told[0]] if (told := _COUNTY.match(rest)) else [])]):
        match = county_in(roster, code, text)
        if match.code or match.candidates:
            return match.code, match.candidates
    return "", ()


class Matcher:
    """Finds the items of a file. Made once for an edition; `written` is what one county wrote, by item."""

    def __init__(self, scheme: Scheme, items: Sequence[Item]) -> None:
        self.ids: dict[str, list[str]] = {}  # how an item or its indicator is called → items
        self.names: dict[str, list[str]] = {}
        for item in items:
            self.ids.setdefault(item.key.casefold(), []).append(item.key)
            self.names.setdefault(bare(item.name), []).append(item.key)
        for key, indicator in scheme.indicators.items():
            served = [item.key for item in items if key in item.indicators and item.kinds]
            for word in {key, indicator.code} - {""} if served else ():
                known = self.ids.setdefault(plain(word).casefold(), [])
                known += [one for one in served if one not in known]
            if served:
                known = self.names.setdefault(bare(indicator.name), [])
                known += [one for one in served if one not in known]
        self.called = lru_cache(maxsize=4096)(self._called)

    def match(self, parts: Sequence[str], written: Mapping[str, str]) -> list[tuple[str, str]]:
        """(item, how) of a file by its path below the county's folder; nothing where no way leads to an item."""
        stem, name = parts[-1].rpartition(".")[0] or parts[-1], parts[-1]
        found = dict.fromkeys(self.called(stem), "文件名")
        numbers, shown, short = documents(stem).keys(), _folded(name), bare(stem)
        for key, text in written.items():
            if key in found or not text:
                continue
            if numbers & documents(text).keys():
                found[key] = "文号"
            elif shown in _folded(text) or (len(short) >= SHORTEST and short in bare(text)):
                found[key] = "填报的佐证"
        for folder in () if found else reversed(parts[:-1]):
            if keys := self.called(folder):
                return [(key, "文件夹") for key in keys]
        return list(found.items())

    def _called(self, name: str) -> tuple[str, ...]:
        """The items that a name begins with (by id or number) or contains (by name)."""
        text = plain(name).casefold()
        best = max((word for word in self.ids if _begins(text, word)), key=len, default="")
        if best:
            return tuple(self.ids[best])
        short = bare(name)
        if short in self.names:
            return tuple(self.names[short])
        whole = [word for word in self.names if len(word) >= SHORTEST and word in short]
        if whole:
            return tuple(self.names[max(whole, key=len)])
        inside = [word for word in self.names if len(short) >= SHORTEST and short in word]
        return tuple(self.names[inside[0]]) if len(inside) == 1 else ()


def _begins(text: str, word: str) -> bool:
    """A1 begins `A1照片` and `a1_1.pdf`, not `A12` or `A1.2`."""
    if not text.startswith(word):
        return False
    rest = text[len(word) :]
    if word.isdigit() and rest[:1] not in ("", "_", "-", ".", "、", ")"):
        return False  # 3 begins `3、通知`, not `3月通知`
    return not re.match(r"[a-z0-9]|[.\-][0-9]", rest)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return plain(masked(text)[0]).casefold()


def unfound(text: str, names: Iterable[str]) -> list[str]:
    """The files, titles and document numbers that a text names and no file name answers to."""
    parts, told = named(text), documents(text)
    if not parts and not told:
        return []
    stems = [name.rpartition(".")[0] or name for name in names]
    shorts, numbers = {bare(stem) for stem in stems}, {key for stem in stems for key in documents(stem)}
    lost = [part for part in parts if not _answered(bare(part.rpartition(".")[0] or part), shorts)]
    return lost + [shown for key, shown in told.items() if key not in numbers]


def _answered(short: str, shorts: set[str]) -> bool:
    if len(short) < SHORTEST:
        return short in shorts
    return any(short in one or (len(one) >= SHORTEST and one in short) for one in shorts)
