"""Photos of paper certificates that an officer takes at a checkpoint: which, how many, for how long. Pure."""

from datetime import timedelta

from healthcode.codes.appeal_rules import FileType, file_type

LARGEST_PHOTO = 3 * 1024 * 1024
"""Bytes. The page shrinks what the camera takes to a tenth of it."""
MOST_PHOTOS = 3
"""Of one reading."""
TAKEN_WITHIN = timedelta(hours=1)
"""After the scan to which it belongs."""
PICTURES = frozenset({FileType.JPEG, FileType.PNG})


def picture_type(content: bytes) -> FileType | None:
    """What a picture is by its first bytes; None for what is none."""
    kind = file_type(content)
    return kind if kind in PICTURES else None
