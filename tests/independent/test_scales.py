"""PyPI's tlog-scales follows our log."""

import pytest

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Note
from tests.independent import forgeries
from tests.independent.followers import Refused, follow_with_scales


def test_tlog_scales_follows_the_log(published):
    found = follow_with_scales(published)
    checkpoint = Checkpoint.parse(Note.parse((published.folder / "checkpoint").read_text()).text)
    assert (found.size, found.root) == (checkpoint.size, checkpoint.root)
    assert found.signers == {checkpoint.origin, "regulator.test", "bank.test"}


@pytest.mark.parametrize("forge", forgeries.ALL, ids=lambda forge: forge.__name__)
def test_tlog_scales_refuses_to(small, forge):
    follow_with_scales(small)
    with pytest.raises(Refused):
        follow_with_scales(forge(small))
