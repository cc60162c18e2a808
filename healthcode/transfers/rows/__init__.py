"""The rows of a roster: what their cells mean, and whether they can be true.

Pure: `Checker(now).check(raw)` gives a `Row` with warnings, or `Faults` with every sentence that the clerk needs.
"""

from healthcode.transfers.rows.check import Checker, Fault, Faults, Row, content_hash

__all__ = ["Checker", "Fault", "Faults", "Row", "content_hash"]
