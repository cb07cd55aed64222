"""`confirmed_by:`: a figure that somebody else must confirm before it counts in 认定."""

from __future__ import annotations

from evaltool.scheme.fields import Blank, FieldDef
from evaltool.scheme.models import Edition
from evaltool.scheme.vocabulary import words_of


def confirmation(key: str, role: str) -> str:
    """The id of the yes/no field in which `role` confirms the field `key`."""
    return f"{key}_by_{role}"


def with_confirmations(edition: Edition) -> Edition:
    """The edition with a yes/no field of the province's for each confirmation that a field asks for.

    The province's 认定表 is where confirmations of the city or of another department are entered. An empty one is
    pending: nothing is taken as confirmed in silence.
    """
    fields: dict[str, FieldDef] = {}
    for key, item in edition.fields.items():
        fields[key] = item
        stage = item.stage if item.stage in edition.stages else None  # a misspelt one is complained about once
        for role in item.confirmed_by:
            name = f"{item.name}经{words_of(edition).roles.get(role, role)}确认"
            pending = Blank(means="pending", cite=item.cite) if item.cite else None
            fields[confirmation(key, role)] = FieldDef(
                name=name, type="yesno", filled_by="province", stage=stage, blank=pending, cite=item.cite
            )
    return edition if len(fields) == len(edition.fields) else edition.model_copy(update={"fields": fields})
