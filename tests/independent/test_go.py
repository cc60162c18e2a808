"""Go's own checksum database (golang.org/x/mod/sumdb) follows our log."""

import pytest

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Note
from tests.independent import forgeries
from tests.independent.followers import Refused, follow_with_go


def test_go_follows_the_log(go, published):
    found = follow_with_go(go, published)
    checkpoint = Checkpoint.parse(Note.parse((published.folder / "checkpoint").read_text()).text)
    assert (found.size, found.root) == (checkpoint.size, checkpoint.root)
    assert found.signers == {checkpoint.origin, "regulator.test", "bank.test"}


@pytest.mark.parametrize("forge", forgeries.ALL, ids=lambda forge: forge.__name__)
def test_go_refuses_to(go, small, forge):
    follow_with_go(go, small)
    with pytest.raises(Refused):
        follow_with_go(go, forge(small))
