"""Full-width letters, digits and signs, as Chinese input methods write them, to plain ones."""

from __future__ import annotations

__all__ = ["narrow"]

_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def narrow(text: str) -> str:
    """``text`` with full-width ASCII as ASCII: ２０％ is 20%; everything else stays as it is."""
    return text if text.isascii() else text.translate(_NARROW)
