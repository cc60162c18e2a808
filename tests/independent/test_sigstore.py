"""npm's @sigstore/verify accepts our checkpoints and inclusion proofs; tiles and witnesses it doesn't know."""

import pytest

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Note
from tests.independent import forgeries
from tests.independent.followers import Refused, follow_with_sigstore


def test_sigstore_accepts_checkpoint_and_proofs(published):
    found = follow_with_sigstore(published)
    checkpoint = Checkpoint.parse(Note.parse((published.folder / "checkpoint").read_text()).text)
    assert (found.size, found.root) == (checkpoint.size, checkpoint.root)
    assert found.signers == {checkpoint.origin}


@pytest.mark.parametrize(
    "forge", [*forgeries.OF_CHECKPOINTS, *forgeries.OF_INCLUSIONS], ids=lambda forge: forge.__name__
)
def test_sigstore_refuses_to(small, forge):
    follow_with_sigstore(small)
    with pytest.raises(Refused):
        follow_with_sigstore(forge(small))
