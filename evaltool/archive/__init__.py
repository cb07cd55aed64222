"""The folder of a round: what came in, what was made of it, and the receipt that lets anybody check it."""

from evaltool.archive.receipt import verify
from evaltool.archive.record import NotFinal, RoundError
from evaltool.archive.round import Round, create_round, open_round

__all__ = ["NotFinal", "Round", "RoundError", "create_round", "open_round", "verify"]
