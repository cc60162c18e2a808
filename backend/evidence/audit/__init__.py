"""The audit of the evidence log (存证核查): all that is stored and published, compared with itself.

Owns: runs of the audit, the discrepancies that they found, and which openings were erased by whom's leave.
Promises: it changes nothing but these; each discrepancy names the exact record, leaf or file; its memory does not grow
with the log. It walks in short transactions, so that recording and sequencing go on beside it.
"""
