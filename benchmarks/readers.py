"""Compare this program with other programs on the same files and sentences, in one table.

    python benchmarks/readers.py                                       this program, and wetext alone
    python benchmarks/readers.py --other abogen=/path/to/its/bin/python
    python benchmarks/readers.py --file book.epub                      a file of your own as well

Each program runs in the interpreter of its own environment, through its own functions. The files are generated
from our own words: six chapters, a contents page, footnotes, a table; volumes.epub has them in two volumes.

Found: chapters of the six at which a chapter of the program begins. More: its other chapters (a title page is
one). Lost: Hanzi of sentences that are missing or have foreign text inside. Table, notes: Hanzi kept. Wrong:
sentences of tests/textnorm that sound different, without punctuation; 至 equals 到, and 一 equals 幺. These tables
are this program's own tests, so its row says only that they pass. golden.tsv has one reading for each sentence, so
it is the least fair; the others have all correct readings.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL

WORDING = Path(__file__).resolve().parents[1] / "tests" / "textnorm"
TABLES = ("golden.tsv", "golden-readings.tsv", "golden-unseen.tsv")
TITLES = ("第一章　清晨", "第两章　菜市场", "第叁章　信", "第廿章　过桥", "第二十一章　雨", "第壹佰章　灯")
MATTER = ("天刚亮，{0}就出了门", "{0}又说起昨夜的事", "树下坐着{0}和邻居", "傍晚，{0}慢慢走回家")
FILES = ("book.txt", "book.epub", "volumes.epub", "book.docx", "book.html")
PEOPLE = ("老周", "陈阿姨", "小满", "林师傅", "何奶奶", "阿庆")
NOTES = ("槐树是前年补栽的", "这座桥如今已改作人行桥")
CELLS = ("班次", "开门时刻", "早班", "天亮以前", "晚班", "掌灯以后")
_AUDIO = "import sys, unittest.mock as m; sys.modules.update({n: m.MagicMock() for n in %r.split()})\n"
_SHOW = "\nimport json, sys; sys.stdout.write('\\n' + json.dumps(found))"
_SAY = """
import json, sys
def said(text):
    try:
        return say(text)
    except Exception:
        return text
sys.stdout.write('\\n' + json.dumps([said(text) for text in json.load(sys.stdin)]))
"""
# By program: the package that installs it, the suffixes it reads, and code that calls its own functions. Packages
# for audio are replaced by mocks, because only the reading is compared.
READERS = {
    "this program": (
        "elder-packager",
        "txt epub docx html pdf",
        "from pathlib import Path; from packager.reading import read_book\n"
        "book = read_book(Path(path)).book\n"
        "found = [(c.title, '\\n'.join(c.paragraphs)) for c in book.chapters]",
    ),
    "abogen": (
        "abogen",
        "txt epub pdf",
        "from pathlib import Path; from abogen.text_extractor import extract_from_path\n"
        "found = [(c.title, c.text) for c in extract_from_path(Path(path)).chapters]",
    ),
    "kokoro-tts": (
        "kokoro-tts",
        "epub",
        _AUDIO
        % "numpy soundfile sounddevice kokoro_onnx pymupdf4llm pymupdf"
        + "from kokoro_tts import extract_chapters_from_epub\n"
        "found = [(c['title'], c['content']) for c in extract_chapters_from_epub(path)]",
    ),
    "audiblez": (
        "audiblez",
        "epub",
        _AUDIO
        % "torch torch.cuda spacy soundfile numpy tabulate kokoro pick"
        + "from ebooklib import epub; from audiblez import core\n"
        "every = core.find_document_chapters_and_extract_texts(epub.read_epub(path))\n"
        "found = [('', c.extracted_text) for c in core.find_good_chapters(every)]",
    ),
    "epub2txt": (
        "epub2txt",
        "epub",
        "from epub2txt import epub2txt\nfound = [('', text) for text in epub2txt(path, outputlist=True)]",
    ),
    "txt-to-epub": (
        "txt-to-epub-converter",
        "txt",
        "from txt_to_epub import txt_to_epub; from ebooklib import epub; from bs4 import BeautifulSoup\n"
        "txt_to_epub(path, path + '.epub', title='', author='')\n"
        "items = epub.read_epub(path + '.epub').get_items_of_type(9)\n"
        "pages = [BeautifulSoup(i.get_content(), 'html.parser') for i in items if 'nav' not in i.id]\n"
        "found = [('', (page.body or page).get_text()) for page in pages]",
    ),
    "docx2txt": ("docx2txt", "docx", "import docx2txt\nfound = [('', docx2txt.process(path))]"),
    "html2text": (
        "html2text",
        "html",
        "import html2text, re\n"
        "text = html2text.html2text(open(path, encoding='utf-8').read(), bodywidth=0)\n"
        "found = [('', part) for part in re.split(r'(?m)^#+ ', text) if part.strip()]",
    ),
}
NORMALIZERS = {
    "this program": ("elder-packager", "from packager.textnorm import normalize as say"),
    "wetext": ("wetext", "from wetext import Normalizer; say = Normalizer(lang='zh').normalize"),
    "cn2an": ("cn2an", "import cn2an; say = lambda text: cn2an.transform(text, 'an2cn')"),
    "zh-normalization": (
        "zh-normalization",
        "from zh_normalization import TextNormalizer\n"
        "normalizer = TextNormalizer(); say = lambda text: ''.join(normalizer.normalize(text))",
    ),
    "none at all": ("", "say = str"),
}
INSTALLED = {name: row[0] for name, row in (*READERS.items(), *NORMALIZERS.items())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--file", action="append", default=[], type=Path, help="a book of your own")
    options = parser.parse_args()
    pythons = dict.fromkeys(("this program", "wetext", "none at all"), sys.executable)
    for other in options.other:
        name, _, python = other.partition("=")
        if name not in INSTALLED or not python:
            parser.error(f"--other {other}: expected NAME=PYTHON, NAME of {', '.join(INSTALLED)}")
        pythons[name] = python
    with tempfile.TemporaryDirectory() as folder:
        compare_readers([*made(Path(folder)), *options.file], pythons, own=len(options.file))
    compare_normalizers(pythons)
    for name in sorted(set(INSTALLED) - set(pythons)):
        print(f"{name} is missing: pip install {INSTALLED[name]}, then --other {name}=ITS_PYTHON")


def sentences() -> dict[str, list[str]]:
    """The sentences of each chapter; all differ."""
    ends = ("", "，还带了一把伞", "，谁也没有催")
    return {
        title: [line.format(person) + end + "。" for line in MATTER for end in ends]
        for title, person in zip(TITLES, PEOPLE, strict=True)
    }


def made(folder: Path) -> list[Path]:
    """The same book as TXT in GB18030, EPUB, DOCX and HTML."""
    import pypandoc

    plain = ["街坊纪事", "目录", *TITLES]
    marked = ["# 目录", *(f"- {title}" for title in TITLES)]
    for number, (title, lines) in enumerate(sentences().items()):
        plain += [title, *("　　" + "".join(lines[at : at + 3]) for at in range(0, 12, 3))]
        marked += [f"# {title}", *("".join(lines[at : at + 3]) for at in range(0, 12, 3))]
        if number < len(NOTES):
            marked[-1] += f"[^{number}]"
    table = "| {} | {} |\n|---|---|\n| {} | {} |\n| {} | {} |".format(*CELLS)
    marked += [table, *(f"[^{number}]: {note}。" for number, note in enumerate(NOTES))]
    paths = [folder / name for name in FILES]
    paths[0].write_text("\n".join(plain), encoding="gb18030")
    volumes = [f"#{line}" if line.startswith("# 第") else line for line in marked]
    for title, volume in ((TITLES[0], "# 上卷"), (TITLES[3], "# 下卷")):
        volumes.insert(volumes.index(f"## {title}"), volume)
    pandoc = [pypandoc.get_pandoc_path(), "-f", "markdown", "-s", "-M", "title=街坊纪事", "-o"]
    for path in paths[1:]:
        lines = volumes if path.stem == "volumes" else marked
        subprocess.run([*pandoc, str(path)], input="\n\n".join(lines).encode(), check=True, stderr=DEVNULL)
    return paths


def compare_readers(paths: list[Path], pythons: dict[str, str], *, own: int) -> None:
    print(f"{'program':18}{'file':24}{'found':>8}{'more':>6}{'lost':>8}{'table':>8}{'notes':>8}{'Hanzi':>10}")
    for position, path in enumerate(paths):
        form = path.suffix.lower().lstrip(".")
        for name, (_, forms, code) in READERS.items():
            if name not in pythons or form not in forms.split():
                continue
            print(f"{name:18}{path.name[:22]:24}", end="", flush=True)
            try:
                found = asked(pythons[name], f"import sys; path = sys.argv[1]\n{code}{_SHOW}", "", str(path))
            except ChildProcessError as error:
                print(f"  fails: {error}")
                continue
            text = hanzi("\n".join(f"{title}\n{body}" for title, body in found))
            if position >= len(paths) - own:
                print(f"{len(found):>8}{'':30}{len(text):>10,}")
            else:
                print(measured(found, text, form) + f"{len(text):>10,}")


def measured(found: list[list[str]], text: str, form: str) -> str:
    starts = [hanzi(title + body[:60]) for title, body in found]
    openings = [(hanzi(title), hanzi(lines[0])) for title, lines in sentences().items()]
    begun = sum(any(title in start and line in start for start in starts) for title, line in openings)
    every = [hanzi(line) for lines in sentences().values() for line in lines] + [hanzi(t) for t in TITLES]
    lost = sum(len(line) for line in every if line not in text)
    more = len(found) - begun
    row = f"{f'{begun}/{len(TITLES)}':>8}{more:>6}{f'{lost}/{sum(map(len, every))}':>8}"
    for parts in () if form == "txt" else (CELLS, NOTES):
        heard = sum(len(part) for part in parts if part in text)
        row += f"{f'{heard}/{sum(map(len, parts))}':>8}"
    return f"{row:38}"


def compare_normalizers(pythons: dict[str, str]) -> None:
    cases = {table: read_cases(table) for table in TABLES}
    print(f"\n{'wrong readings':18}" + "".join(f"{f'{table} ({len(cases[table])})':>28}" for table in TABLES))
    for name, (_, code) in NORMALIZERS.items():
        if name not in pythons:
            continue
        print(f"{name:18}", end="", flush=True)
        for table in TABLES:
            written = json.dumps([case[0] for case in cases[table]])
            try:
                said = asked(pythons[name], code + _SAY, written)
            except ChildProcessError as error:
                print(f"  fails: {error}", end="")
                break
            pairs = zip(said, cases[table], strict=True)
            wrong = sum(sound(one) not in map(sound, case[1].split("|")) for one, case in pairs)
            print(f"{wrong:>28}", end="", flush=True)
        print()


def read_cases(table: str) -> list[list[str]]:
    lines = (WORDING / table).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith(("#", "written\t"))]


def asked(python: str, code: str, given: str, *arguments: str) -> list:
    """Run `code` in another interpreter; return the JSON that it prints last."""
    command = [python, "-W", "ignore", "-c", code, *arguments]
    run = subprocess.run(command, input=given, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise ChildProcessError((run.stderr.strip().splitlines() or ["no reason given"])[-1][:90])
    return json.loads(run.stdout.splitlines()[-1])


def hanzi(text: str) -> str:
    return re.sub(r"[^㐀-鿿〇]", "", text)


def sound(text: str) -> str:
    """The words without punctuation and space; equally good forms become one."""
    for one, other in ("○零", "〇零", "幺一", "至到", ("两百", "二百")):
        text = text.replace(one, other)
    return re.sub(r"[\W_]", "", text).casefold()


if __name__ == "__main__":
    main()
