"""Declarations, colours with their reasons, the codes that prove them, and what officers read.

Missing facts are never green. A code is a CWT in COSE_Sign1 (RFC 8392, RFC 9052) with ES256, in base45 (RFC 9285).
"""
