"""What lists and messages show of personal data: enough to tell two people apart, not enough to use."""

import re


def mask_name(name: str) -> str:
    """张三丰 becomes 张**: the first character, then one star for each that follows."""
    return name[:1] + "*" * (len(name) - 1)


def mask_resident_id(resident_id: str) -> str:
    """520602199001011234 becomes 5206**********1234."""
    return f"{resident_id[:4]}{'*' * (len(resident_id) - 8)}{resident_id[-4:]}"


def mask_phone(phone: str) -> str:
    """13800008000 becomes 138****8000."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "*" * len(phone)  # noqa: PLR2004 - 3 shown + 4 shown


def mask_address(address: str) -> str:
    """The part down to the county or town stays, the house number goes."""
    kept = re.match(r"^.*?[县区市旗](?=.)", address)
    return f"{kept.group() if kept else address[:3]}****" if address else ""
