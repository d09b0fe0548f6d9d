"""Errors of the trust room. Pure."""

from __future__ import annotations

from packager.base.errors import InputError


class SignatureError(ValueError):
    """Bytes are no signature or key, or do not fit each other. The caller says which file, and what to do."""


class TrustError(InputError):
    """A file is not signed as the workspace's trust files require, or a trust file is wrong."""
