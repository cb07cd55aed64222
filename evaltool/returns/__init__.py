"""What goes back after files have come in: marked copies, letters, and the intake report whose counts close."""

from evaltool.returns.counts import Counts, CountsError, count
from evaltool.returns.giving import Going, give_back
from evaltool.returns.letters import write_requests

__all__ = ["Counts", "CountsError", "Going", "count", "give_back", "write_requests"]
