"""Sample files, made in the tests: archives, Word documents and PDFs from their own parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path

import pytest

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)

MakeDocx = Callable[..., bytes]
MakePdf = Callable[..., bytes]


@pytest.fixture(scope="session")
def speeches() -> dict[str, str]:
    """The five documents by name, with their line ends as they are."""
    folder = Path(__file__).parents[2] / "data" / "speeches"
    return {path.name: path.read_bytes().decode() for path in sorted(folder.glob("*.txt"))}


@pytest.fixture(scope="session")
def make_docx() -> MakeDocx:
    """Pack the XML of a body, and of other parts by name, into a .docx."""

    def make(
        body: str, *, prolog: str = "", main: str = "word/document.xml", **parts: str
    ) -> bytes:
        folder = main.rpartition("/")[0]
        related = "".join(
            f'<Relationship Id="r{i}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>'
            for i, kind in enumerate(parts)
        )
        members = {
            "_rels/.rels": _relationships(
                f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="{main}"/>'
            ),
            main: f"{prolog}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
            f"{folder}/_rels/{main.rpartition('/')[2]}.rels": _relationships(related),
            **{
                f"{folder}/{kind}.xml": f"<w:{kind} {NAMESPACES}>{xml}</w:{kind}>"
                for kind, xml in parts.items()
            },
        }
        return pack(members)

    return make


def _relationships(xml: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{xml}</Relationships>'


def pack(members: dict[str, str]) -> bytes:
    """A zip archive of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    """The XML of a paragraph of Word."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """Print lines on pages; a line that begins with an ideographic space is indented.

    `drawings` are printed on the pages too.
    """

    def make(
        pages: Sequence[Sequence[str]], *, picture: bool = False, drawings: Sequence[bytes] = ()
    ) -> bytes:
        objects = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"",
            b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
            b"/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
            b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 0>>/DW 1000>>]>>",
            b"<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8"
            b"/ColorSpace/DeviceGray/Length 1>>stream\n\x00\nendstream",
        ]
        kids = []
        for lines, drawing in zip_longest(pages, drawings, fillvalue=b""):
            content = b"/I Do" if picture else b"".join(map(_print, range(len(lines)), lines))
            content += drawing
            number = len(objects) + 1
            kids.append(b"%d 0 R" % number)
            objects.append(
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<<"
                % (number + 1)
                + (b"/XObject<</I 4 0 R>>" if picture else b"/Font<</F 3 0 R>>")
                + b">>>>"
            )
            objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
        return _write_pdf(objects)

    return make


def _print(row: int, line: str) -> bytes:
    return print_at(72 + 28 * line.startswith("\u3000"), 780 - 22 * row, line.strip())


def print_at(left: int, bottom: int, line: str) -> bytes:
    """What draws a line of text at a place."""
    text = line.encode("utf-16-be").hex().encode()
    return b"BT /F 14 Tf %d %d Td <%s> Tj ET\n" % (left, bottom, text)


def _write_pdf(objects: Sequence[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(file)


def typeset(paragraphs: Sequence[str], columns: int = 30, rows: int = 30) -> list[list[str]]:
    """Set paragraphs as a word processor does: indented, wrapped, cut into pages."""
    lines = []
    for text in paragraphs:
        line, width = "\u3000\u3000", 4
        for character in text:
            wide = 2 - character.isascii()
            if width + wide > 2 * columns:
                lines.append(line)
                line, width = "", 0
            line, width = line + character, width + wide
        lines.append(line)
    return [lines[i : i + rows] for i in range(0, len(lines), rows)]
