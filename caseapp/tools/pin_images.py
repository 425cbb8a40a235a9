"""Pin the base images of Dockerfile and docker-compose.yml to digests: `make pin-images`.

Each digest is computed from the manifest that the registry sent, and must be the one the registry names for it. Where a
registry does not answer, the line stays unchanged: no digest is written that was not seen.
"""

import hashlib
import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
# File -> the lines that name an image, as (before, name with tag, digest or nothing).
LINES = {
    "docker-compose.yml": re.compile(
        r"^(    image: )([^\s@:]+(?::\d+)?[^\s@:]*:[^\s@:]+)(@sha256:[0-9a-f]{64})?$", re.M
    ),
    "Dockerfile": re.compile(r"^(ARG \w+_IMAGE=)([^\s@:]+(?::\d+)?[^\s@:]*:[^\s@:]+)(@sha256:[0-9a-f]{64})?$", re.M),
}
DOCKER_HUB = "registry-1.docker.io"
ACCEPTED = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
TIMEOUT = 30  # seconds for one answer


class NotSeen(Exception):
    """The registry gave no digest; the message is the reason."""


class ImageName(NamedTuple):
    """The parts of `registry/repository:tag`, with Docker Hub's defaults filled in."""

    registry: str
    repository: str
    tag: str

    @property
    def base_url(self) -> str:
        """Return the address of the repository; a registry on this machine is asked without TLS, as Docker does."""
        is_local = self.registry.partition(":")[0] in {"127.0.0.1", "localhost"}
        return f"{'http' if is_local else 'https'}://{self.registry}/v2/{self.repository}"


def parse_name(text: str) -> ImageName:
    """Return the parts of an image's name."""
    path, _, tag = text.rpartition(":")
    first, _, rest = path.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        return ImageName(first, rest, tag)
    return ImageName(DOCKER_HUB, path if "/" in path else f"library/{path}", tag)


def find_digest(text: str) -> str:
    """Return `sha256:...` of the manifest that the registry has for the name now. Raises NotSeen."""
    name = parse_name(text)
    try:
        named, manifest = _read_manifest(name, token="")
    except urllib.error.HTTPError as refused:
        if refused.code != 401:
            raise NotSeen(f"the registry answered {refused.code}") from None
        try:
            named, manifest = _read_manifest(name, token=_read_token(refused.headers.get("WWW-Authenticate", "")))
        except (OSError, ValueError) as problem:
            raise NotSeen(f"the registry gave no access ({type(problem).__name__})") from None
    except OSError as problem:
        raise NotSeen(f"the registry did not answer ({type(problem).__name__})") from None
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    if named != digest:
        raise NotSeen("the digest that the registry names is not that of the manifest it sent")
    return digest


def _read_manifest(name: ImageName, *, token: str) -> tuple[str, bytes]:
    headers = {"Accept": ", ".join(ACCEPTED)} | ({"Authorization": f"Bearer {token}"} if token else {})
    answer = _open_url(f"{name.base_url}/manifests/{name.tag}", headers)
    with answer:
        return answer.headers.get("Docker-Content-Digest", ""), answer.read()


def _read_token(challenge: str) -> str:
    """Return the anonymous token that the registry's challenge offers. Raises OSError, ValueError."""
    given = dict(CHALLENGE.findall(challenge))
    realm = given.pop("realm", "")
    if not realm.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError("no realm")
    with _open_url(f"{realm}?{urlencode(given)}", {}) as answer:
        granted = json.load(answer)
    return str(granted.get("token") or granted.get("access_token") or "")


def _open_url(url: str, headers: dict[str, str]) -> "urllib.request._UrlopenRet":
    trust = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT, context=trust)  # noqa: S310


def pin_file(path: Path, pattern: re.Pattern[str], digest_of: Callable[[str], str]) -> list[str]:
    """Write the digests into one file. Return a sentence for each image it names."""
    sentences: list[str] = []

    def pinned(line: re.Match[str]) -> str:
        before, name, old = line.groups()
        try:
            digest = digest_of(name)
        except NotSeen as reason:
            sentences.append(f"{path.name}: {name} stays as it is: {reason}.")
            return line[0]
        sentences.append(f"{path.name}: {name} is {digest}{' as before' if old == f'@{digest}' else ''}.")
        return f"{before}{name}@{digest}"

    text = path.read_text()
    changed = pattern.sub(pinned, text)
    if changed != text:
        path.write_text(changed)
    return sentences


def main(folder: Path = ROOT) -> int:
    """Pin every image of both files in `folder` and print what was done. Return 0."""
    for name, pattern in LINES.items():
        for sentence in pin_file(folder / name, pattern, find_digest):
            print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main())
