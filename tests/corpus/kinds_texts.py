"""Junk in texts and numbers: what cannot be seen, what turns the reading direction, what an export leaves behind."""

from __future__ import annotations

from fractions import Fraction

from tests.corpus.expecting import Must, reads_or_refuses, refused_cell, same
from tests.corpus.kinds import kind, register
from tests.corpus.kinds_numbers import texts
from tests.corpus.workshop import Workshop

JUNK = "text junk"
SALES = reads_or_refuses("sales", Fraction("12345.67"))

texts(JUNK, "sales", "junk", {
    "zero_width_space": ("12\u200b345.67", SALES),
    "zero_width_joiner": ("12345\u200d.67", SALES),
    "word_joiner": ("\u206012345.67", SALES),
    "bom": ("\ufeff12345.67", SALES),
    "left_to_right_mark": ("\u200e12345.67\u200e", SALES),
    "right_to_left_mark": ("\u200f12345.67", SALES),
    "soft_hyphen": ("12\u00ad345.67", SALES),
    "isolate": ("\u206612345.67\u2069", SALES),
    "override_left": ("\u202d12345.67\u202c", SALES),
    "override_right": ("\u202e76.54321\u202c", refused_cell("sales")),
    "override_inside": ("123\u202e76.54", refused_cell("sales")),
    "embedding_right": ("\u202b76.54321", reads_or_refuses("sales", Fraction("76.54321"))),
    "line_break_inside": ("12345\n.67", SALES),
    "two_lines": ("12345.67\n12000", refused_cell("sales")),
    "carriage_return": ("12345.67\r\n", SALES),
    "escape_of_excel": ("12345.67_x000D_", SALES),
    "escaped_letter": ("_x0031_2345.67", SALES),
    "vertical_tab": ("12345.67\u0085", SALES),
    "object_character": ("12345.67\ufffc", SALES),
    "replacement_character": ("12345\ufffd67", refused_cell("sales")),
    "private_use": ("12345\ue00067", refused_cell("sales")),
    "variation_selector": ("1\ufe0e2345.67", SALES),
    "combining_overline": ("1\u03052345.67", refused_cell("sales")),
    "combining_circle": ("12345\u20dd", refused_cell("sales")),
    "hangul_filler": ("12345.67\u3164", SALES),
    "braille_blank": ("12345.67\u2800", SALES),
    "cyrillic_o": ("1234\u043e", refused_cell("sales")),
    "html": ("<b>12345.67</b>", refused_cell("sales")),
    "html_space": ("12345.67&nbsp;", SALES),
    "quoted": ("“12345.67”", SALES),
    "csv_quotes": ('"12345.67"', SALES),
    "equals_quotes": ('="12345.67"', SALES),
    "markdown": ("**12345.67**", refused_cell("sales")),
    "emoji": ("12345.67✅", refused_cell("sales")),
    "injection": ("=cmd|'/c calc'!A0", refused_cell("sales")),
    "script": ("<script>alert(1)</script>", refused_cell("sales")),
    "sql": ("1); DROP TABLE", refused_cell("sales")),
    "template": ("{{12345.67}}", refused_cell("sales")),
    "format_string": ("%s%d{0}", refused_cell("sales")),
    "surrogate_text": ("\U0001d7cf\U0001d7d0", reads_or_refuses("sales", 12)),
})  # fmt: skip


def _new_remark(shop: Workshop, text: str) -> None:
    shop.text("remark", text)
    shop.truth.fields["remark"] = text


@kind(JUNK, same())
def remark_of_two_lines(shop: Workshop) -> None:
    _new_remark(shop, "第一，建站\n第二，培训")


@kind(JUNK, same())
def remark_with_markup(shop: Workshop) -> None:
    _new_remark(shop, '<b>县</b> & "乡"')


@kind(JUNK, same())
def remark_like_a_number(shop: Workshop) -> None:
    _new_remark(shop, "12345.67")


@kind(JUNK, same())
def remark_of_rare_characters(shop: Workshop) -> None:
    _new_remark(shop, "𠮷㐂䶮喆犇堃")


@kind(JUNK, same())
def evidence_with_junk(shop: Workshop) -> None:
    shop.text("sales.evidence", "示商〔2024〕7号\u200b，第3页\n附截图")


@kind(JUNK, Must(file="any", codes=("W102", "W123"), lost={"sales": ()}))
def control_character_reference(shop: Workshop) -> None:
    """&#x7; is no XML at all."""
    shop.put("sales", "<is><t>12345&#x7;.67</t></is>", "inlineStr")


@kind(JUNK, Must(file="any", codes=("W102", "W123"), lost={"remark": ()}))
def raw_control_character(shop: Workshop) -> None:
    part = shop.sheet("remark")
    shop.put("remark", "<is><t>MARK</t></is>", "inlineStr")
    shop.parts[part] = shop.parts[part].replace(b"MARK", b"a\x01b")


@kind(JUNK, Must(file="any", codes=("W102", "W123"), lost={"remark": ()}))
def broken_utf8(shop: Workshop) -> None:
    part = shop.sheet("remark")
    shop.put("remark", "<is><t>MARK</t></is>", "inlineStr")
    shop.parts[part] = shop.parts[part].replace(b"MARK", b"\xff\xfe\xc3\x28")


@kind(JUNK, reads_or_refuses("sales", Fraction("12345.67")))
def number_in_two_runs(shop: Workshop) -> None:
    runs = "<r><t>123</t></r><r><rPr><b/></rPr><t>45.67</t></r>"
    shop.put("sales", f"<v>{shop.string(runs)}</v>", "s")


@kind(JUNK, reads_or_refuses("sales", Fraction("12345.67")))
def number_with_a_phonetic_guide(shop: Workshop) -> None:
    guide = '<t>12345.67</t><rPh sb="0" eb="2"><t>99</t></rPh>'
    shop.put("sales", f"<v>{shop.string(guide)}</v>", "s")


@kind(JUNK, refused_cell("sales"))
def superscript_run(shop: Workshop) -> None:
    """A footnote mark 1 raised behind the number: 12345.67¹ must not become 12345.671."""
    run = '<r><t>12345.67</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r>'
    shop.put("sales", f"<v>{shop.string(run)}</v>", "s")


register(JUNK, "text_type_with_number_format", lambda shop: shop.text("sales", "12345.67", "0.00"), SALES)
