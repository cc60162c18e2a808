"""Evidence (存证): one append-only Merkle log of salted commitments, which others can check without trusting us.

Owns: records and their openings, the log's leaves, tiles, checkpoints and cosignatures.
Promises: what is recorded in a transaction is in the log if and only if that transaction commits; the log only grows;
nothing is published but a commitment, which tells nothing without its opening; whoever holds a proof can check it
offline with public keys alone; erasing an opening makes a record unprovable and leaves the log whole.
Refuses: to change or remove a record, to sign a tree that doesn't extend what was signed, to go on when what is
published or cosigned is ahead of the database.
Sources: RFC 6962 (hashing), RFC 8785 (canonical JSON), C2SP signed-note, tlog-checkpoint, tlog-tiles,
tlog-cosignature, tlog-witness, tlog-policy and tlog-proof.
"""
