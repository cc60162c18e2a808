"""An EVM chain, as a place where checkpoints stand that nobody of us can take back.

A checkpoint is the data of a transaction of our account to itself. Only the task that anchors loads this module, and
only where a chain is configured: the package web3 is installed by requirements-anchor.txt and takes 45 MB of memory.
"""

import sys
from dataclasses import dataclass

from eth_account import Account
from eth_typing import HexStr
from requests import RequestException
from web3 import HTTPProvider, Web3
from web3.exceptions import TransactionNotFound, Web3Exception

# A library below web3 raises the limit for the whole process, where deeply nested JSON would then end it.
sys.setrecursionlimit(1000)
TIMEOUT = 10.0
"""Seconds for one question to the chain's node."""
MOST_SAID = 200
"""Characters of the node's own words that are kept."""


class ChainError(Exception):
    """The chain's node didn't answer, or refused; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction that is ready to be sent, as often as it takes."""

    sender: str
    nonce: int
    transaction: str
    content: bytes


class Chain:
    """One account on one chain. Raises ChainError when the key is none."""

    def __init__(self, url: str, key: str) -> None:
        self._chain = Web3(HTTPProvider(url, request_kwargs={"timeout": TIMEOUT}))
        try:
            self._account = Account.from_key(key)
        except Exception:  # noqa: BLE001 - whatever the library says of a key may show it
            raise ChainError("ANCHOR_KEY is no private key") from None

    def sign(self, text: str) -> Signed:
        """Sign the next transaction of our account, which carries this text; nothing is sent. Raises ChainError."""
        sender = self._account.address
        try:
            eth = self._chain.eth
            nonce = eth.get_transaction_count(sender, "pending")
            wanted = {"from": sender, "to": sender, "value": 0, "data": text.encode(), "nonce": nonce}
            more = {"chainId": eth.chain_id, "gasPrice": eth.gas_price, "gas": eth.estimate_gas(wanted)}  # type: ignore[arg-type] # a plain dict is what its documentation gives
            signed = self._account.sign_transaction({**wanted, **more})
        except (Web3Exception, RequestException, ValueError) as why:
            raise ChainError(_said(why)) from why
        return Signed(sender, nonce, signed.hash.to_0x_hex(), bytes(signed.raw_transaction))

    def send(self, content: bytes) -> None:
        """Hand a signed transaction to the chain. Raises ChainError, also when the chain has it already."""
        try:
            self._chain.eth.send_raw_transaction(content)
        except (Web3Exception, RequestException, ValueError) as why:
            raise ChainError(_said(why)) from why

    def find_block(self, transaction: str) -> int | None:
        """The number of the block that holds a transaction; None while none does. Raises ChainError."""
        try:
            return int(self._chain.eth.get_transaction_receipt(HexStr(transaction))["blockNumber"])
        except TransactionNotFound:
            return None
        except (Web3Exception, RequestException, ValueError) as why:
            raise ChainError(_said(why)) from why

    def read(self, transaction: str) -> str:
        """The text that a transaction carries. Raises ChainError."""
        try:
            return bytes(self._chain.eth.get_transaction(HexStr(transaction))["input"]).decode()
        except (Web3Exception, RequestException, ValueError) as why:
            raise ChainError(_said(why)) from why


def _said(why: Exception) -> str:
    return (str(why) or type(why).__name__)[:MOST_SAID]
