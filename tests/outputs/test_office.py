import io
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from hypothesis import example, given
from hypothesis import strategies as st

from cuoshi.outputs.office import clean_text, copy_package


@given(st.text(st.characters()))
@example("\x00口\ud800罩\ufffe\uffff\x1b😀\t\n\r")
def test_what_xml_can_hold_stays_and_all_else_goes(text: str) -> None:
    cleaned = clean_text(text)
    element = ElementTree.Element("t")
    element.text = cleaned.replace("\r", "")
    assert ElementTree.fromstring(ElementTree.tostring(element)).text == (element.text or None)
    assert all(c in cleaned for c in text if c.isalnum() or c in "\t\n\r😀")
    assert clean_text(cleaned) == cleaned


def test_packages_made_at_different_times_become_alike() -> None:
    copies = []
    for year, system in ((1999, 0), (2024, 3)):
        package = io.BytesIO()
        with ZipFile(package, "w", ZIP_STORED) as archive:
            for name in ("b.xml", "a.xml"):
                member = ZipInfo(name, (year, 1, 2, 3, 4, 6))
                member.create_system = system
                archive.writestr(member, f"<{name[0]}/>")
        copy = io.BytesIO()
        copy_package(package, copy)
        with ZipFile(copy) as archive:
            assert archive.namelist() == ["b.xml", "a.xml"]
            assert archive.read("a.xml") == b"<a/>"
        copies.append(copy.getvalue())
    assert copies[0] == copies[1]
