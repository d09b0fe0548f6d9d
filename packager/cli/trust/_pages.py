"""The fingerprint and the spare for people: as a QR code in the terminal, and as a page to print."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.html import render
from packager.base.i18n.language import _
from packager.cli.fleet._fleet_words import write_page
from packager.cli.ui.page_file import require_new, require_page
from packager.fleet.label_sheet import qr_path
from packager.trust.chain import TrustFile
from packager.trust.keys import KEYS_VARIABLE, for_its_owner_alone, key_folder
from packager.trust.minisign import SigningKey
from packager.trust.secret_key import spare_digits

MARK = "/* packager trust */"  # in the template


def print_code(text: str) -> None:
    """Print a QR code, where the terminal has its characters."""
    import segno

    stream: Any = io.StringIO()
    code: Any = segno.make_qr(text, error="m")
    code.terminal(out=stream, compact=True)
    drawn: str = stream.getvalue()
    try:
        drawn.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return
    click.echo(drawn.rstrip("\n"))


def write_fingerprint_page(file: TrustFile, path: Path, *, overwrite: bool) -> None:
    """The fingerprint as a page to hang up in the office."""
    require_page(path, MARK, overwrite=overwrite)
    code, size = qr_path(file.fingerprint.replace(" ", ""))
    page = render("trust.html", office=file.office, digits=file.fingerprint, secret=False, code=code, size=size, key="")
    write_page(path, page)


def require_outside(path: Path, workspace: Path) -> None:
    """Raise InputError for a page with a secret inside the workspace, which is backed up and copied."""
    if path.resolve().is_relative_to(workspace.resolve()):
        raise InputError(
            _("{path} is in the workspace, which others get copies of; write the spare to a stick").format(path=path)
        )


def new_key_folder(workspace: Path) -> Path:
    """The folder for a new key. Raises InputError where PACKAGER_KEYS names a place inside the workspace."""
    folder = key_folder()
    if os.environ.get(KEYS_VARIABLE) and folder.resolve().is_relative_to(workspace.resolve()):
        raise InputError(
            _(
                "{variable} names {path}, which is in the workspace, which others get copies of; name a folder outside"
            ).format(variable=KEYS_VARIABLE, path=folder)
        )
    return folder


def write_spare_page(office: str, key: SigningKey, path: Path) -> None:
    """The spare as a page to print and lock away. Raises InputError where the file exists."""
    require_new(path, overwrite=False)
    digits = spare_digits(key)
    code, size = qr_path(digits.replace(" ", ""))
    page = render("trust.html", office=office, digits=digits, secret=True, code=code, size=size, key=key.id)
    with for_its_owner_alone():
        write_page(path, page)
