"""Indicator systems as data: one folder per edition, `<issuer>/<scheme>/<valid_from>/`.

The package only says where its files lie; reading and checking them is `evaltool.scheme`.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["root"]


def root() -> Traversable:
    """Folder that holds `vocab.yaml` and the editions, also inside an installed wheel."""
    return files(__name__)
