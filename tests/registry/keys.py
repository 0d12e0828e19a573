"""Trust in keys that tests made."""

from __future__ import annotations

from rules_service.registry.signing import SigningKey, TrustedKeys


def trusting(*keys: SigningKey) -> TrustedKeys:
    return TrustedKeys({key.id: key._key.public_key() for key in keys})
