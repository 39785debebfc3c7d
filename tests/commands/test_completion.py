"""A shell completes what `quxiang` knows."""

import shutil
import subprocess

import pytest

import quxiang

ASKED = "COMP_WORDS=(quxiang {words}); COMP_CWORD={at}; _quxiang; echo ${{COMPREPLY[@]}}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ro", "roster"),
        ("school re", "rename"),
        ("school create --hel", "--help --helpline"),
        ("web --port 8001 --thr", "--threads"),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_words_and_options_are_completed(
    shell: str, words: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed, which reads the same script")
    assert quxiang.main(["completion", shell]) == 0
    script = capsys.readouterr().out
    before = "" if shell == "bash" else "emulate ksh\nautoload -U +X compinit && compinit -D\n"
    asked = ASKED.format(words=words, at=len(words.split()))
    said = subprocess.run(
        [program, "-c", f"{before}{script}\n{asked}"], capture_output=True, text=True, check=False
    )
    found = said.stdout.split()
    if shell == "zsh":  # it chooses among them itself, by what is typed
        found = [each for each in found if each in expected.split()]
    assert found == expected.split(), said.stderr
