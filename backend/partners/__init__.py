"""Partners (政府间对接): other deployments of governments that send and receive transfers, colours and arrivals.

Owns: who the partners are, with their keys and credentials; what is on its way to them; what came from them.
Promises: a message is carried out once, however often it comes, and answered the same each time; a transfer's messages
leave in their order; a partner acts as its own office and no other, through the same actions as people here; rosters
travel sealed to the recipient's key, and those that came go 14 days after the transfer's end.
Refuses: whoever isn't registered or was revoked, a request that is unsigned, altered, too old or sent before, an
origin for which the partner doesn't speak, somebody who already travels on another roster.
Sources: RFC 6749 (client credentials), RFC 9421 (HTTP message signatures), RFC 9530 (Content-Digest), RFC 9180 (HPKE).
"""
