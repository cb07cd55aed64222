"""HTML of a notebook's outputs, made harmless: only what stands on a short list leaves here, in one strict form.

What is written consists of tags of the list below with quoted, checked attributes, rightly nested, and of text. Among
these tags none switches a browser into another way of reading (no script, style, svg, textarea …), so every browser
reads the result as it is written here, and nothing in it runs. HTML that is not rightly nested is first mended by
nbconvert's SanitizeHTML (bleach), and goes through the same gate after that. The page's Content-Security-Policy is the
second belt, not the first.

Ids are prefixed, so that none can be taken for a variable of a script or for a part of the page; rules of style sheets
hold inside the output's own box only.
"""

from __future__ import annotations

import base64
import re
from functools import cache, lru_cache
from html import escape, unescape
from typing import Any

_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_INSIDE = {  # where an element must stand directly: elsewhere a browser would close others to make room for it
    "li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}, "tr": {"table", "thead", "tbody", "tfoot"},
    "td": {"tr"}, "th": {"tr"}, "thead": {"table"}, "tbody": {"table"}, "tfoot": {"table"},
    "caption": {"table"}, "colgroup": {"table"}, "col": {"colgroup", "table"}, "summary": {"details"},
    "figcaption": {"figure"}, "rt": {"ruby"}, "rp": {"ruby"},
}  # fmt: skip
_HOLDS_ONLY = {  # in these a browser would put anything else somewhere else
    "table": {"caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr"}, "thead": {"tr"}, "tbody": {"tr"},
    "tfoot": {"tr"}, "tr": {"td", "th"}, "colgroup": {"col"},
}  # fmt: skip
_PLAIN = (
    "a abbr article aside b bdi bdo big blockquote center cite code del details dfn div dl em figure font footer h1 h2 "
    "h3 h4 h5 h6 header hr i img ins kbd mark ol p pre q ruby s samp section small span strike strong sub sup table "
    "time tt u ul var br wbr"
)
TAGS = frozenset(_PLAIN.split()) | frozenset(_INSIDE)
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)"
    r"((?:\s++[a-zA-Z_][\w:.-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?+)*+)\s*+/?>"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z_][\w:.-]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'=<>`]++)))?+")
_RAW = re.compile(  # elements whose content is no text for people
    r"<(script|style|template|noscript|iframe|object|textarea|title|xmp|select|math|noembed|noframes)\b"
    r"[^>]*+>.*?(?:</\1\s*+>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_STYLE = re.compile(r"<style\b[^>]*+>(.*?)</style\s*+>", re.DOTALL | re.IGNORECASE)
_SVG = re.compile(r"<svg\b.*?</svg\s*+>", re.DOTALL | re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]++")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CLASSES = re.compile(r"[\w\s.:-]*")
_MOST_TO_MEND = 1_000_000  # characters; mending takes seconds beyond
_SIZE = re.compile(r"\d{1,5}(\.\d+)?(%|px|em)?")
_WORD = re.compile(r"[\w#.-]{1,40}")
_ID = re.compile(r"[\w.:-]{1,200}")
_FREE = frozenset({"title", "alt", "aria-label", "aria-description", "lang", "datetime", "summary"})
_WORDS = frozenset({
    "align", "valign", "scope", "dir", "start", "type", "color", "bgcolor", "border", "cellpadding", "cellspacing",
    "colspan", "rowspan", "span", "size", "rules", "frame", "role", "aria-hidden", "open", "nowrap", "reversed",
})  # fmt: skip

# --- style ---

_KNOWN = (
    "background background-color background-image border border-bottom border-bottom-color border-bottom-style "
    "border-bottom-width border-collapse border-color border-left border-left-color border-left-style "
    "border-left-width border-radius border-right border-right-color border-right-style border-right-width "
    "border-spacing border-style border-top border-top-color border-top-style border-top-width border-width "
    "box-shadow box-sizing caption-side clear color column-count column-gap columns display empty-cells flex "
    "flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float font font-family font-feature-settings "
    "font-size font-style font-variant font-variant-numeric font-weight gap grid-column grid-gap grid-row "
    "grid-template-columns grid-template-rows height justify-content align-items align-self letter-spacing line-height "
    "list-style list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top "
    "max-height max-width min-height min-width opacity overflow overflow-wrap overflow-x overflow-y padding "
    "padding-bottom padding-left padding-right padding-top row-gap table-layout text-align text-decoration text-indent "
    "text-overflow text-transform vertical-align visibility white-space width word-break word-spacing word-wrap"
)
_PROPERTIES = frozenset(_KNOWN.split())
_VALUE = re.compile(r"(?:[\w\s.,#%+*/()!-]|\"[\w\s.,-]*+\"|'[\w\s.,-]*+')*+")
_FUNCTION = re.compile(r"([\w-]*)\(")
_FUNCTIONS = frozenset({
    "calc", "clamp", "hsl", "hsla", "linear-gradient", "max", "min", "minmax", "radial-gradient", "repeat",
    "repeating-linear-gradient", "rgb", "rgba",
})  # fmt: skip
_SELECTOR = re.compile(r"[\w\s#.:,>~+*()\[\]=\"^$|'-]+")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


@lru_cache(4096)
def declarations(text: str) -> str:
    """The declarations that may stay: known properties, no addresses, nothing that leaves its box."""
    kept = []
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        name, value = name.strip().lower(), " ".join(value.split())
        if not colon or name not in _PROPERTIES or not value or not _VALUE.fullmatch(value):
            continue
        if not all(word.lower() in _FUNCTIONS for word in _FUNCTION.findall(value)):
            continue
        if name.startswith("margin") and "-" in value:
            continue
        kept.append(f"{name}:{value}")
    return ";".join(kept)


def style_sheet(text: str, box: str) -> str:
    """The rules of a style sheet, each for what lies inside the element with the id `box` only."""
    kept, depth = [], 0
    for part in _COMMENT.sub("", text).split("}"):
        selectors, *inner = part.split("{")
        if depth or len(inner) != 1 or "@" in selectors:  # @media and the like are left out whole
            depth += len(inner) - 1
            continue
        body = declarations(inner[0])
        if body and _SELECTOR.fullmatch(selectors):
            whole = [_scoped(one.strip(), box) for one in selectors.split(",")]
            if all(whole):
                kept.append(f"{','.join(whole)}{{{body}}}")
    return "".join(kept)


def _scoped(selector: str, box: str) -> str:
    """A selector inside the box; empty if it could reach out of it."""
    if not selector or selector[0] in "+~>" or selector.count("(") != selector.count(")"):
        return ""
    if "scope" in selector or any(selector.count(sign) % 2 for sign in "\"'"):
        return ""
    return f"#{box} " + re.sub(r"#(?=[\w-])", "#u-", selector)


# --- elements ---


def visible(text: str) -> str:
    """Text without control characters and without signs that hide text or turn its direction."""
    return _UNSEEN.sub("", text)


@lru_cache(8192)
def _attributes(tag: str, text: str) -> str:
    """The attributes that may stay, quoted and escaped."""
    kept: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        name, value = name.lower(), visible(unescape(double or single or bare)).strip()
        checked = _checked(tag, name, value)
        if checked is not None:
            kept.setdefault(name, checked)
    if tag == "img" and "alt" not in kept:
        kept["alt"] = "图"
    return "".join(f' {name}="{escape(value, quote=True)}"' for name, value in kept.items())


def _checked(tag: str, name: str, value: str) -> str | None:
    """The value as it may stand; None if the attribute must go."""
    if name == "class":  # a figure could be taken for one of our charts, for whose drawing everybody would wait
        return value if value and tag != "figure" and _CLASSES.fullmatch(value) else None
    if name == "id":
        return f"u-{value}" if _ID.fullmatch(value) else None
    if name == "style":
        return declarations(value) or None
    if name == "href":
        return _address(value) if tag == "a" else None
    if name == "src":
        return "".join(value.split()) if tag == "img" and _PICTURE.fullmatch(value) else None
    if name in ("width", "height"):
        return value if _SIZE.fullmatch(value) else None
    if name in _FREE:
        return value
    if name in _WORDS:
        return value if not value or _WORD.fullmatch(value) else None
    return None


def _address(value: str) -> str | None:
    """An address that a link may lead to: the web, mail, this page, or a file beside this one."""
    if value.startswith("#"):
        return f"#u-{value[1:]}" if _ID.fullmatch(value[1:]) else None
    if not value or "\\" in value or value.startswith("//") or re.search(r"[\x00-\x1f]", value):
        return None  # browsers pass over line ends inside an address, also inside “javascript:”
    found = _SCHEME.match(value)
    return value if not found or found.group().lower() in ("http:", "https:", "mailto:") else None


def _strict(html: str) -> str | None:
    """The same HTML in the strict form; None if it is not rightly nested or holds what is not on the list."""
    written: list[str] = []
    open_: list[str] = []
    at = 0
    while True:
        next_ = html.find("<", at)
        text = html[at:] if next_ < 0 else html[at:next_]
        if text:
            if open_ and open_[-1] in _HOLDS_ONLY and not text.isspace():
                return None
            written.append(text.replace(">", "&gt;") if ">" in text else text)
        if next_ < 0:
            return None if open_ else "".join(written)
        found = _TAG.match(html, next_)
        if not found:
            return None
        at = found.end()
        closing, tag = found.group(1), found.group(2).lower()
        if tag not in TAGS:
            return None
        if closing:
            if not open_ or open_.pop() != tag:
                return None
            written.append(f"</{tag}>")
            continue
        above = open_[-1] if open_ else ""
        if (tag in _INSIDE and above not in _INSIDE[tag]) or (above in _HOLDS_ONLY and tag not in _HOLDS_ONLY[above]):
            return None
        attributes = _attributes(tag, found.group(3)) if found.group(3) else ""
        if tag == "th" and ' scope="' not in attributes and len(open_) > 1:
            attributes += ' scope="col"' if open_[-2] == "thead" else ' scope="row"'
        elif tag == "img" and ' src="' not in attributes:  # nothing is fetched, so it says what would stand there
            said = re.search(r' alt="([^"]*)"', attributes)
            written.append(f"〔图：{said.group(1)}〕" if said and said.group(1) != "图" else "〔图没有收进报告〕")
            continue
        elif tag == "a" and " href=" not in attributes and " id=" not in attributes:
            attributes = ""
        written.append(f"<{tag}{attributes}>")
        if tag not in _VOID:
            open_.append(tag)


@cache
def _mender() -> Any:
    """nbconvert's sanitiser with our list: it closes, moves and drops elements as a browser would."""
    from nbconvert.preprocessors.sanitize import SanitizeHTML

    names = [*_FREE, *_WORDS, "class", "id", "style", "href", "src", "width", "height"]
    return SanitizeHTML(  # type: ignore[no-untyped-call]
        tags=sorted(TAGS), attributes={"*": names}, styles=sorted(_PROPERTIES), strip=True
    )


def _drawn(match: re.Match[str]) -> str:
    """A drawing that stands in HTML, as a picture: nothing in a picture runs or is fetched."""
    source = match.group()
    if "xmlns=" not in source[: source.find(">")]:
        source = f'<svg xmlns="http://www.w3.org/2000/svg"{source[4:]}'
    return f'<img alt="图" src="data:image/svg+xml;base64,{base64.b64encode(source.encode()).decode()}">'


def _mended(html: str) -> str | None:
    if len(html) > _MOST_TO_MEND:
        return None
    html = _RAW.sub("", _SVG.sub(_drawn, html))
    pictures: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        pictures.append("".join(match.group().split()))
        return f"evaltool-picture-{len(pictures) - 1}-"

    html = str(_mender().sanitize_html_tags(_PICTURE.sub(set_aside, html)))
    html = re.sub(
        r"evaltool-picture-(\d{1,6})-",
        lambda match: pictures[int(match.group(1))] if int(match.group(1)) < len(pictures) else "",
        html,
    )
    return _strict(html)


def harmless(html: str, box: str) -> str | None:
    """HTML of an output in which nothing runs and nothing is fetched, in an element with the id `box` if it brings
    its own style; None if nothing is left that a reader could see."""
    html = visible(html)
    sheets = _STYLE.findall(html) if "<style" in html.lower() else []
    rest = _STYLE.sub("", html) if sheets else html
    strict = _strict(rest)
    if strict is None:
        strict = _mended(rest)
    if strict is None:
        return f'<pre class="source">{escape(rest)}</pre>'
    if not re.sub(r"<(?!img\b|hr\b|table\b)[^>]*>|\s|&nbsp;", "", strict):
        return None
    rules = "".join(style_sheet(sheet, box) for sheet in sheets)
    return f'<div class="own" id="{box}"><style>{rules}</style>{strict}</div>' if rules else strict
