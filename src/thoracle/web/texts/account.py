"""Signing in and out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ACCOUNT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "login_title": "Sign in",
        "login_name": "Name",
        "login_password": "Password",
        "login_button": "Sign in",
        "login_wrong": "Name and password do not belong together. Try again.",
        "login_wait": "Too many attempts failed from this address. Try again in {seconds} s.",
        "signed_in": "Signed in as {name}",
        "sign_out": "Sign out",
    }
)
