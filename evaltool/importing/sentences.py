"""A scoring sentence taken apart: what must hold, and what that gives or takes.

Only a sentence of which every part is understood may become a rule. What stands beside the known forms and speaks of
points as well makes the whole sentence unread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from evaltool.importing.points import CIRCLED, plain
from evaltool.quantities import Exact, parse_plain

N = r"\d+(?:\.\d+)?"
Sort = Literal["gives", "loses", "adds", "nothing", "each", "ratio", "judged", "delegated", "share"]

_FLOOR = re.compile(
    rf"[,;]?(直至|直到)?扣完(该项|本项|此项|为止)?的?({N}分?)?(分值)?(为止|即止)?[,;]?|[,;]?不计负分|[,;]?扣至0分为?止?"
    r"|[,;]?最低(得|为|扣至)?0分"
)
_CAP = re.compile(
    rf"[,;(]?(?:本项|该项|此项|累计|合计|加分|最多|总计|总共)*(?:最高|最多|上限|以|不超过|不得超过)(?:可?得|可?加|加分?|为|不超过)*({N})分(?:为限|封顶|为上限)?[)]?"
    r"|[,;]?(?:加满|得满|满分)(?:分)?为止|[,;]?封顶"
)
_MOST = re.compile(rf"[,;(]?(?:最多|最高)扣(?:减|除)?({N})分[)]?")
_EACH = re.compile(
    rf"(?P<cond>.*?)每(?P<way>减少|缺少|少于|少|缺|低于|降低|下降|低|差|延迟|推迟|逾期|超过|超出|超额|超|高于|提高|上升|增长|增加|新增加|新增|增|多于|多|高)?"
    rf"(?P<of>[^\d,;%]*?)(?P<n>{N}|一|两|二)?(?P<unit>个百分点|百分点|%|[个家户件次份笔项人场天处条名例起篇期村所站日届]|人次|平方米|万元|亿元|元)"
    rf"(?P<what>[^\d,;]*?)[,;]?(?P<verb>扣减|扣除|扣|减|加|得|奖励|奖|计)(?:计)?(?P<points>{N})分?"
)
_JUDGED = re.compile(
    rf"(?P<cond>.*?)(?:酌情|视情况?|视情节(?:轻重)?|视具体情况|视情形|根据情况|视程度)(?:予以|给予|适当)?(?P<verb>扣减?|减|给|计|打|评|加|得|赋)除?"
    rf"(?:(?P<low>{N})[-~至—]+(?P<high>{N}))?分?(?P<most>{N}分)?"
)
_DELEGATED = re.compile(
    r".*?(由.{1,14}?(自行|另行|具体|负责)?(制定|确定|规定|设定|明确)|另行(制定|规定|通知|确定)|自行(制定|确定|设定)).*"
)
_RATIO = re.compile(
    r"(?P<cond>.*?)(?:按照?|依)(?P<how>[^,;。]{0,12}?)比例[^,;。]{0,10}?(?:得分|计分|折算|给分|计算|扣分|扣减|折算得分|赋分|计|得)*"
    r"|(?P<cond2>.*?)(?:本项|该项|指标)?得分=(?P<formula>.*(?:[*×x/÷]).*)|按(?:实际)?(?:完成率|执行率|到位率|完成比率)(?:计分|得分|计算得分)"
)
_INSIDE = r"(?:[(](?P<{}>不?含)[^)]{{0,6}}[)])?"
_SHARE = re.compile(
    rf"(?P<cond>.*?)[,(]?(?:按|得|给|在)?(?:分值|权重|满分)?的?(?P<a>{N})%{_INSIDE.format('ia')}[-~至—]+(?P<b>{N})%"
    rf"{_INSIDE.format('ib')}(?:之间)?(?:的?(?:分值|权重))?(?:合理确定分值|得分|计分|给分)?[)]?"
)
_NOTHING = re.compile(
    r"(?P<cond>.*?)(?:本项|该项|此项|均|则|的|,)*(?:不得分|不计分|不给分|不予计分|得0分|计0分|为0分|记0分|(?<![\d.])0分|得零分|扣全分|扣满分|全扣|扣除全部分值|扣完)"
)
_ADDS = re.compile(rf"(?P<cond>.*?)(?:的|,|则|另|再|可)*加(?:计)?(?P<points>{N})分")
_LOSES = re.compile(rf"(?P<cond>.*?)(?:的|,|则|一次性)*扣(?:减|除)?(?P<points>{N})分?")
_GIVES = re.compile(rf"(?P<cond>.*?)(?:的|,|则|可|均)*(?:得|计|给|记|评|赋)?(?:(?P<full>满分|全分)|(?P<points>{N})分)")
_SPEAKS = re.compile(rf"{N}分(?!钟)|扣|减分|加分|得分|计分|满分|否决|折算|系数|比例|酌情|视情|倍")
_NUMBERED = re.compile(
    rf"(?:^|(?<=[;。:,]))[(](?P<a>\d{{1,2}}|[一二三四五六七八九十])[)]"
    rf"|(?:^|(?<=[^\d第.]))(?P<b>\d{{1,2}})[.、)](?!\d)|(?P<c>[{CIRCLED}])"
)
_WORDS = {"一": 1, "两": 2, "二": 2, None: 1}


@dataclass(frozen=True)
class Part:
    """One condition with what it does.

    points  given, lost or added; None is the full marks. `each` gives or takes them for `n` units `way`.
    """

    sort: Sort
    cond: str = ""
    points: Exact | None = None
    way: str = ""
    n: Exact = 1
    unit: str = ""
    of: str = ""
    ends: tuple[Exact, Exact, bool, bool] | None = None


@dataclass
class Sentence:
    """The parts of a sentence in order, whether 扣完为止 stands in it, its ceiling, and what was not understood."""

    parts: list[Part] = field(default_factory=list)
    floor: bool = False
    most: Exact | None = None
    capped: bool = False
    cap: Exact | None = None
    unread: str = ""

    def of(self, *sorts: Sort) -> list[Part]:
        return [part for part in self.parts if part.sort in sorts]


def flat(text: str) -> str:
    """The text with plain marks and without spaces; lines end in a semicolon."""
    told = plain(text)
    told = re.sub(r"\s*\n\s*", ";", told)
    told = re.sub(r"[ \t]+", "", told).replace("，", ",").replace("；", ";").replace("：", ":").replace("％", "%")
    return re.sub(r"每(一|1)(?=[个家户件次份笔项人场天处条名例起篇期村所站])", "每1", told)


def numbered(text: str) -> list[str]:
    """The items of `1.… 2.…` or ①…②…, or nothing where the numbers do not run from one."""
    told = flat(text)
    found = list(_NUMBERED.finditer(told))
    runs = [_ordinal(next(part for part in hit.groups() if part)) for hit in found]
    if len(found) < 2 or runs != list(range(1, len(found) + 1)):
        return []
    ends = [hit.start() for hit in found[1:]] + [len(told)]
    items = [told[hit.end() : end].strip(";,。") for hit, end in zip(found, ends, strict=True)]
    head = told[: found[0].start()].strip(";,。:")
    return [] if _SPEAKS.search(head) or not all(items) else items


def _ordinal(text: str) -> int:
    if text in CIRCLED:
        return CIRCLED.index(text) + 1
    return int(text) if text.isdigit() else "一二三四五六七八九十".index(text) + 1


def read_sentence(text: str) -> Sentence:
    """The sentence taken apart; `unread` holds the first words that speak of points and fit no form."""
    made = Sentence()
    told = flat(text)
    if re.search(r"…|\.\.\.", told):
        made.unread = "句子不完整（有省略号）"
        return made
    if found := re.search(rf"{N}分?[-~至—]+{N}分", told):
        made.unread = f"“{found[0]}”是一段分数，在里面怎样定没有写"
        return made
    for whole in re.split(r"[。;]", told):
        _take(whole, made)
    return made


def _take(whole: str, made: Sentence) -> None:
    """One stretch between semicolons: its commas separate conditions from what they give."""
    rest = whole
    for pattern in (_MOST, _CAP, _FLOOR):
        while found := pattern.search(rest):
            if not found[0].strip(",;"):
                break
            if pattern is _MOST:
                made.most = parse_plain(found[1])
            elif pattern is _CAP:
                made.capped, made.cap = True, parse_plain(found[1]) if found[1] else made.cap
            else:
                made.floor = True
            rest = rest[: found.start()] + "," + rest[found.end() :]
    waiting = ""
    for piece in re.split(r",", rest):
        piece = re.sub(
            r"^(其中|否则|如果|如|若|并且|且|同时|另外)[:]?", lambda hit: hit[0] if hit[1] == "否则" else "", piece
        )
        if not piece.strip("() "):
            continue
        joined = f"{waiting},{piece}" if waiting else piece
        part = _part(piece, joined)
        if part is None:
            waiting = joined
            continue
        made.parts.append(part)
        waiting = ""
    if _SPEAKS.search(waiting):
        made.unread = made.unread or f"没有看懂“{waiting[:40]}”"


def _part(piece: str, joined: str) -> Part | None:
    """What a piece says, with the condition that may stand in the pieces before it."""
    if found := _EACH.fullmatch(joined) or _EACH.fullmatch(piece):
        return _each(found)
    if found := _JUDGED.fullmatch(joined):
        takes = found["verb"][0] in "扣减"
        most = found["high"] or (found["most"] or "").removesuffix("分") or None
        return Part("judged", _cond(found["cond"]), parse_plain(most) if most else None, "fewer" if takes else "more")
    if found := _SHARE.fullmatch(joined):
        a, b = parse_plain(found["a"]), parse_plain(found["b"])
        low, high = (found["ib"], found["ia"]) if a > b else (found["ia"], found["ib"])
        ends = (min(a, b), max(a, b), low == "含", high == "含")
        return Part("share", _cond(found["cond"]), ends=ends)
    if found := _RATIO.fullmatch(joined):
        how = found["how"] or found["formula"] or ""
        return Part("ratio", _cond(found["cond"] or found["cond2"] or ""), of=how)
    for pattern, sort in ((_NOTHING, "nothing"), (_ADDS, "adds"), (_LOSES, "loses"), (_GIVES, "gives")):
        found = pattern.fullmatch(joined)
        if not found or _SPEAKS.search(found["cond"]):
            continue
        points = found.groupdict().get("points")
        return Part(sort, _cond(found["cond"]), parse_plain(points) if points else None)  # type: ignore[arg-type]
    if _DELEGATED.fullmatch(joined) and not re.search(rf"{N}分", joined):
        return Part("delegated", joined)
    return None


def _each(found: re.Match[str]) -> Part:
    ways = {"少": "fewer", "缺": "fewer", "低": "fewer", "降": "fewer", "差": "fewer"}
    word = found["way"] or ""
    way = next((way for mark, way in ways.items() if mark in word), "")
    if "下降" in word:
        way = "fewer"
    way = way or ("more" if word and word[0] in "超高提上增新多" else "")
    n = found["n"]
    count = _WORDS[n] if n in _WORDS else parse_plain(n)
    points = parse_plain(found["points"])
    signed = -points if found["verb"][0] in "扣减" else points
    unit = found["unit"].replace("个百分点", "百分点")
    of = (found["of"] or "") + (found["what"] or "")
    return Part("each", _cond(found["cond"]), signed, way, count, unit, of.strip("的,"))


def _cond(text: str) -> str:
    return text.strip(",;:的。则 ").rstrip("(").lstrip(")")
