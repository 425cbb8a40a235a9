"""Set up the git hooks of a checkout: `make install` runs this where there is a `.git`. Standard library only.

The commit-msg hook checks the form of a message (`check_message`); the pre-commit hook runs what
`.pre-commit-config.yaml` lists once the development tools are installed. A hook of your own is never replaced.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = "# written by caseapp/tools/git_hooks.py"
HOOKS = {
    "commit-msg": f'#!/bin/sh\n{OURS}\nexec python3 caseapp/tools/git_hooks.py check "$1"\n',
    "pre-commit": f"#!/bin/sh\n{OURS}\n[ -x .venv/bin/pre-commit ] || exit 0\nexec .venv/bin/pre-commit run\n",
}
LONGEST = 72
SUBJECT = re.compile(r"[a-z][a-z0-9_ -]*(, [a-z][a-z0-9_ -]*)*: [A-Z]")
# Endings that an imperative does not have: "Added", "Adds", "Adding" in place of "Add".
NOT_IMPERATIVE = re.compile(
    r": (?!(?:Need|Feed|Seed|Embed|Bring|String|Ping)\b)[A-Z][a-z]+(?:ed|ing)\b|: (?:Adds|Fixes|Makes|Moves)\b"
)
MADE_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")


def install(root: Path = ROOT) -> list[str]:
    """Write the hooks that are missing. Return the names of those written; nothing where there is no git checkout."""
    if not (root / ".git").exists():
        return []
    asked = ["git", "-C", str(root), "rev-parse", "--git-path", "hooks"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        return []
    folder = root / answer.stdout.strip()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, script in HOOKS.items():
        hook = folder / name
        if hook.exists() and OURS not in hook.read_text(errors="replace"):
            continue
        if not hook.exists() or hook.read_text() != script:
            hook.write_text(script)
            hook.chmod(0o755)
            written.append(name)
    return written


def check_message(text: str) -> str:
    """Return a sentence that says what is wrong with a commit message; "" when nothing is."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(MADE_BY_GIT):
        return ""
    if len(subject) > LONGEST:
        return f"The first line has {len(subject)} characters; at most {LONGEST} are allowed."
    if not SUBJECT.match(subject):
        return 'Start with the room and a capital letter: "hearings: Refuse a hearing on a federal holiday".'
    if NOT_IMPERATIVE.search(subject):
        return 'Use the imperative: "Add", not "Added", "Adds" or "Adding".'
    if subject.endswith("."):
        return "Leave out the full stop at the end of the first line."
    if len(lines) > 1 and lines[1].strip():
        return "Leave the second line empty."
    return ""


def main(arguments: list[str]) -> int:
    """Install the hooks, or with `check FILE` check a commit message. Return 1 when the message is refused."""
    if arguments[:1] != ["check"]:
        install()
        return 0
    problem = check_message(Path(arguments[1]).read_text(encoding="utf-8"))
    if problem:
        print(f"{problem} (CONTRIBUTING.md, Commits)", file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
