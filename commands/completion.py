"""`quxiang completion`: the words and options of every command, for a shell."""

import argparse
import importlib
from collections.abc import Iterator, Mapping

from commands.answers import Answer, Parser, Refused, runs

BASH = """\
_quxiang() {{
    local path="" word words before=$((COMP_CWORD - 1))
    for word in "${{COMP_WORDS[@]:1:$before}}"; do
        case "$word" in -*) ;; *) path="$path $word" ;; esac
    done
    while :; do
        case "$path" in
{cases}
        *) words="" ;;
        esac
        [ -n "$words" ] || [ -z "$path" ] && break
        path="${{path% *}}"
    done
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _quxiang quxiang
"""
SHELLS = {"bash": BASH, "zsh": f"autoload -U +X bashcompinit && bashcompinit\n{BASH}"}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("shell", choices=sorted(SHELLS))
    runs(parser, _print)


def _print(options: argparse.Namespace) -> Answer:
    cases = "\n".join(
        f'        "{path}") words="{" ".join(words)}" ;;' for path, words in sorted(_all().items())
    )
    script = SHELLS[options.shell].format(cases=cases)
    return Answer({"script": script}, script.rstrip("\n"))


def _all() -> Mapping[str, list[str]]:
    """Return what may follow each command, by its words with a blank before each."""
    program = importlib.import_module("quxiang")
    found: dict[str, list[str]] = {"": ["--help", "--version"]}
    for name, (module, _) in program.NOUNS.items():
        parser = Parser(prog=name)
        try:
            program.load(module).fill(parser)
        except Refused:  # its parts are not installed
            continue
        found[""].append(name)
        found |= dict(_below(parser, f" {name}"))
    return found


def _below(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, list[str]]]:
    verbs = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001 - argparse tells nobody otherwise
    options = [option for each in parser._actions for option in each.option_strings]  # noqa: SLF001 - as above
    choices = [str(each) for action in verbs for each in action.choices]
    yield path, choices + [each for each in options if each.startswith("--")]
    for action in verbs:
        for name, child in action.choices.items():
            yield from _below(child, f"{path} {name}")
