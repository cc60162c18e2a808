"""Witness (见证): a small program by which a third party watches that a log only grows (C2SP tlog-witness).

Whoever is to trust a log without trusting the log's operator runs one of these on a machine of its own: a regulator, a
tax office, a bank, an insurer. It is a process with a key file and an SQLite store and needs nothing else of the
product: it imports evidence's pure modules and libraries.
Owns: its key, the newest checkpoint that it cosigned of each log, and what it found that a log should not have signed.
Promises: it cosigns a checkpoint only when the log signed it and proved that it extends what was cosigned before; what
it cosigned is on its disk before anyone hears of it; its cosignatures' times never go back; it keeps every checkpoint
that speaks against the log and says so loudly.
Refuses: rollbacks, forks, logs that its own policy doesn't name; to start without the store that its key has cosigned
with, since it would then cosign a second history.
"""
