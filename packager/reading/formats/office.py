"""Old office documents: DOC and WPS through LibreOffice where it is installed, RTF through striprtf."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from packager.base.child_process import TooMuchMemoryError, TooMuchWorkError, run_capped, wait_capped
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapters import Line, ParsedDocument, divide
from packager.reading.cleaning import clean, one_space
from packager.reading.file_types import FileType, register
from packager.reading.formats.docx import read_docx
from packager.reading.formats.rtf_hidden import without_hidden
from packager.reading.rows import only_words
from packager.reading.source import MAX_TEXT_BYTES, SourceFile
from packager.reading.structure import FOOTNOTE, HIDDEN

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = "WordDocument".encode("utf-16-le")
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_RTF = b"{\\rtf"
_SECONDS = 120.0  # of the processor; a long document takes 10
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "C:/Program Files (x86)/LibreOffice/program/soffice.com",
)
# A profile of its own: no macros, no links to other files, and a proxy that answers nothing.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""  # noqa: E501 - a setting a line
_CONTROL_WORDS = re.compile(rb"\\[a-z]")
_FOOTNOTE = re.compile(rb"\\footnote(?![a-z])")
_MOST_CONTROL_WORDS = 4_000_000
_RTF_SECONDS = 40.0  # of the processor; a long novel takes 5
_RTF_MEMORY = 1024 * 1024 * 1024


def read_doc(file: SourceFile) -> ParsedDocument:
    """Parse an old Word document, converted to DOCX by LibreOffice. Raises InputError when that fails."""
    return read_docx(SourceFile(file.path, _converted(file), None, file.options))


def read_rtf(file: SourceFile) -> ParsedDocument:
    """Parse a rich text file: its paragraphs, divided as plain text is. Raises InputError when it is damaged."""
    if len(_CONTROL_WORDS.findall(file.data)) > _MOST_CONTROL_WORDS:
        raise InputError(_("{path} is larger than any book in RTF; save it as DOCX").format(path=file.path))
    data, hidden = without_hidden(file.data)
    text, left_out = clean(_rtf_text(replace(file, data=data)))
    rows = [
        one_space(row.replace("|", "，").strip("，")) if row.endswith("|") else one_space(row)
        for row in text.split("\n")
    ]
    left_out.update({HIDDEN: hidden} if hidden else {})
    notes = len(_FOOTNOTE.findall(file.data))
    left_out.update({FOOTNOTE: notes} if notes else {})  # the library leaves them out
    spoken, dropped = only_words(rows)
    divided = divide([Line(row, apart=False) for row in spoken if row])
    return ParsedDocument(divided.front, divided.blocks, left_out + dropped + divided.counted)


def _rtf_text(file: SourceFile) -> str:
    """The text of a rich text file, from striprtf in a capped child process: its patterns can take for ever."""
    reason: object
    try:
        done = run_capped(
            [sys.executable, "-m", "packager.reading.formats.rtf_process"],
            file.data,
            seconds=_RTF_SECONDS,
            env=os.environ,
            memory=_RTF_MEMORY,
        )
        if not done.returncode:
            return done.stdout.decode("utf-8", "surrogatepass")
        reason = done.stderr.decode("utf-8", "replace").strip()[-200:]
    except TooMuchMemoryError:
        reason = _("it takes too much memory, or is damaged")
    except TooMuchWorkError:
        reason = _("it would take more than {n:.0f} seconds of processor time").format(n=_RTF_SECONDS)
    message = _("{path} is damaged ({reason}); open it in its program and save it as DOCX")
    raise InputError(message.format(path=file.path, reason=reason))


@lru_cache
def office_program() -> str | None:
    """The path of LibreOffice, or None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES if Path(place).exists()), None)


def _converted(file: SourceFile) -> bytes:
    """The document as DOCX, from LibreOffice as a child process without macros and network, capped in time and size."""
    program = office_program()
    assert program is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.doc"
        source.write_bytes(file.data)
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_bytes(_SETTINGS.encode())
        command = [program, "--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard"]
        command += [f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        command += ["--convert-to", "docx", "--outdir", str(folder), str(source)]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=os.name != "nt"
        )
        try:
            if not wait_capped(process, _SECONDS):
                raise _failed(file.path, _("it takes too long"))
        finally:
            _end(process)
        made = folder / "source.docx"
        if not made.is_file() or made.stat().st_size > MAX_TEXT_BYTES:
            raise _failed(file.path, _("LibreOffice made no document of it"))
        return made.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends LibreOffice and the processes that it started."""
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failed(path: Path, reason: str) -> InputError:
    message = _("{path} can't be read: {reason}. Open it in a word processor and save it as DOCX")
    return InputError(message.format(path=path, reason=reason))


def _matches_doc(file: SourceFile) -> bool:
    is_word = file.data.startswith(_OLE) and _WORD in file.data and _LOCKED not in file.data
    return is_word and office_program() is not None


register(FileType("doc", "DOC", (), _matches_doc, read_doc))
register(FileType("rtf", "RTF", (), lambda file: file.data.startswith(_RTF), read_rtf))
