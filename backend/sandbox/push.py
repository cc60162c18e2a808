"""Message pushes as WeChat's server makes them: signed with the token, in secure mode encrypted too.

Source: 消息推送服务器配置指南 and 消息加解密说明 of WeChat's documentation.
"""

import base64
import hashlib
import json
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.sandbox.demo import App

BLOCK = 32


def signature(*parts: str) -> str:
    """sha1 of the sorted parts."""
    # WeChat's protocol fixes SHA-1 here.
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def sealed(app: App, text: str) -> str:
    """The text as WeChat encrypts it: 16 random bytes, length, text, appid, padded to 32 bytes; AES-256-CBC."""
    key = base64.b64decode(app.push_key + "=")
    content = text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + app.appid.encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def check(app: App, timestamp: int) -> dict[str, str]:
    """The query of the GET that proves the address when it is entered in the console."""
    nonce, stamp = str(secrets.randbelow(10**10)), str(timestamp)
    return {
        "signature": signature(app.push_token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "echostr": str(secrets.randbelow(10**19)),
    }


def envelope(app: App, event: dict[str, object], timestamp: int) -> tuple[dict[str, str], str]:
    """Query and body of the POST that carries an event in secure mode, as JSON."""
    nonce, stamp = str(secrets.randbelow(10**10)), str(timestamp)
    encrypted = sealed(app, json.dumps(event, ensure_ascii=False))
    query = {
        "signature": signature(app.push_token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signature(app.push_token, stamp, nonce, encrypted),
    }
    return query, json.dumps({"ToUserName": "gh_sandbox", "Encrypt": encrypted})
