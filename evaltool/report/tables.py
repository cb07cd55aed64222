"""Tables and sentences as HTML in which no text of a county can become markup, and that print as text in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Piece:
    """HTML for a notebook and a page, text for a terminal. Its class keeps MathJax away from `$x$`."""

    html: str
    text: str = ""

    def _repr_html_(self) -> str:
        return f'<div class="evaltool-piece tex2jax_ignore mathjax_ignore">{self.html}</div>'

    def __repr__(self) -> str:
        return self.text

    def __add__(self, other: Piece) -> Piece:
        return Piece(self.html + other.html, "\n".join(part for part in (self.text, other.text) if part))


def clean(value: object) -> str:
    """Text for a page: nothing invisible that turns the reading direction or hides what stands there."""
    text = "" if value is None else str(value)
    if text.replace("\n", "").replace("　", "").isprintable():  # as nearly all is; printable is nothing of the kind
        return text
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C")


def html_text(value: object) -> str:
    """Escaped text; line breaks stay visible."""
    return _escaped(clean(value))


def _escaped(text: str) -> str:
    return escape(text, quote=True).replace("\n", "<br>")


def sentence(text: object, kind: str = "") -> Piece:
    """One paragraph; `kind` names its class in the style sheet."""
    named = f' class="{escape(kind, quote=True)}"' if kind else ""
    return Piece(f"<p{named}>{html_text(text)}</p>", clean(text))


def heading(text: str) -> Piece:
    """A heading below that of its section."""
    return Piece(f"<h3>{html_text(text)}</h3>", clean(text))


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    caption: str = "",
    kinds: Sequence[str] = (),
    parts: Iterable[int] = (),
    widths: Sequence[int] = (),
    empty: str = "无",
    name: str = "",
) -> Piece:
    """A table with every cell escaped.

    kinds   a class for each column: `number`, `short`, `blank` or nothing
    parts   positions of rows that head a group and are set bold
    widths  per cent of the width for each column; the browser decides without
    empty   what to say instead of a table without rows
    """
    lines = [[clean(cell) for cell in row] for row in rows]
    if not lines:
        return sentence(f"{caption}：{empty}" if caption else empty, "note")
    classes = [f' class="{kind}"' if kind else "" for kind in [*kinds, *[""] * (len(columns) - len(kinds))]]
    bold = set(parts)
    head = "".join(f'<th scope="col"{c}>{html_text(name)}</th>' for name, c in zip(columns, classes, strict=True))
    body = "".join(
        ('<tr class="part">' if i in bold else "<tr>")
        + "".join(f"<td{c}>{_escaped(cell)}</td>" for cell, c in zip(line, classes, strict=True))
        + "</tr>"
        for i, line in enumerate(lines)
    )
    # a paragraph, because browsers leave a caption alone at the foot of a printed page
    said = f'<p class="caption">{html_text(caption)}</p>' if caption else ""
    label = f' aria-label="{html_text(caption)}"' if caption else ""
    shares = "<colgroup>" + "".join(f'<col style="width:{int(w)}%">' for w in widths) + "</colgroup>" if widths else ""
    named = f' class="{escape(name, quote=True)}"' if name else ""
    text = "\n".join(["　".join(map(clean, columns)), *map("　".join, lines)])
    html = f"{said}<table{named}{label}>{shares}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return Piece(html, f"{clean(caption)}\n{text}" if caption else text)


def boxes(items: Iterable[tuple[str, object]]) -> Piece:
    """Figures at a glance: a label and a value each."""
    shown = list(items)
    html = "".join(
        f"<div><span>{html_text(label)}<i>：</i></span><b>{html_text(value)}</b></div>" for label, value in shown
    )
    return Piece(f'<div class="glance">{html}</div>', "\n".join(f"{label}：{clean(value)}" for label, value in shown))


def signature(*labels: str) -> Piece:
    """Lines to sign on."""
    blanks = "　".join(f"{html_text(label)}：<u>&nbsp;</u>" for label in labels)
    return Piece(f'<p class="sign">{blanks}</p>', "　".join(f"{label}：________" for label in labels))


def block(kind: str, *pieces: Piece) -> Piece:
    """Pieces in a block of a class of the style sheet (`landscape`, `new-page`)."""
    inner = "".join(piece.html for piece in pieces)
    return Piece(
        f'<div class="{escape(kind, quote=True)}">{inner}</div>',
        "\n".join(piece.text for piece in pieces if piece.text),
    )
