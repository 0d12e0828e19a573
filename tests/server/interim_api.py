"""Stands in for rules_service.api until it is there."""

from __future__ import annotations


class RulesError(Exception):
    pass


class InvalidRequest(RulesError):
    def __init__(self, violations):
        super().__init__("invalid")
        self.violations = violations


class NotFound(RulesError):
    pass


class PinContradiction(RulesError):
    pass


class UnknownRegion(RulesError):
    pass


class LoadError(RulesError):
    pass


class Rules:
    @classmethod
    def load(cls, *roots, bundles=None):
        raise LoadError("none")

    def snapshot(self):
        return self

    def close(self):
        pass
