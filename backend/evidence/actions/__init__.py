"""What changes the log: recording and erasing, sequencing, and putting back what a restored backup lacks."""

from backend.evidence.actions.erasing import erase_subject, keep_partitions
from backend.evidence.actions.recording import record, record_many
from backend.evidence.actions.restoring import rebuild, republish
from backend.evidence.actions.sequencing import sequence

__all__ = ["erase_subject", "keep_partitions", "rebuild", "record", "record_many", "republish", "sequence"]
