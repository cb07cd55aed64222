"""Indicator systems: from YAML files to checked, resolved editions."""

from evaltool.scheme.catalogue import Entry, entries, load
from evaltool.scheme.loading import copy_edition, examine, load_folder, reload
from evaltool.scheme.scheme import Citation, Kind, Scheme

__all__ = ["Citation", "Entry", "Kind", "Scheme", "copy_edition", "entries", "examine", "load", "load_folder", "reload"]
