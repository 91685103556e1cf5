"""Own the command line: which commands there are, and how they fail."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError
from pymongo.errors import PyMongoError

from core.admin import accounts, connections, data, server, upkeep
from core.admin.console import complain
from core.errors import PromptHubError
from core.settings import read_settings

AddCommand = Callable[..., argparse.ArgumentParser]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 for a failure that was told, 130 after Ctrl+C."""
    arguments = make_parser().parse_args(argv)
    try:
        asyncio.run(arguments.run(read_settings(), arguments))
    except PromptHubError as error:
        complain(error.message, getattr(error, "remedy", ""))
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            complain(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}.")
    except PyMongoError as error:
        complain(f"MongoDB failed: {type(error).__name__}.", "Look into its log and try again.")
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130
    else:
        return 0
    return 1


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m core.admin",
        description="Run PromptHub. The settings are the PROMPTHUB_ variables of the application.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_account_commands(commands.add_parser)
    _add_data_commands(commands.add_parser)
    _add_upkeep_commands(commands.add_parser)
    _add_server_commands(commands.add_parser)
    return parser


def _add_account_commands(add: AddCommand) -> None:
    create = add("create-user", help="open an account; the first is a superuser")
    create.add_argument("email", metavar="EMAIL")
    create.add_argument("--name", default="", help="full name")
    create.add_argument("--superuser", action="store_true", help="may see and do everything")
    create.set_defaults(run=accounts.create)
    reset = add(
        "reset-password", help="give an account another password and sign it out everywhere"
    )
    reset.add_argument("email", metavar="EMAIL")
    reset.set_defaults(run=accounts.reset)
    for command in (create, reset):
        command.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )


def _add_data_commands(add: AddCommand) -> None:
    bring_in = add(
        "import-prompts",
        help="bring in prompts from an export or a JSON Lines file; repeating changes nothing",
    )
    bring_in.add_argument("file", metavar="FILE", type=Path)
    bring_in.add_argument("--application", metavar="NAME", required=True, help="where they belong")
    bring_in.add_argument("--owner", metavar="EMAIL", help="whose application of that name")
    bring_in.add_argument("--draft", action="store_true", help="do not publish them")
    bring_in.add_argument(
        "--embed",
        action="store_true",
        help="make them ready for search by meaning now; else the server does in the background",
    )
    bring_in.add_argument(
        "--dry-run", action="store_true", help="tell what an export would change; store nothing"
    )
    bring_in.add_argument(
        "--move-labels", action="store_true", help="also move labels and latest that are there"
    )
    bring_in.set_defaults(run=data.bring_in)
    take_out = add("export-prompts", help="write an application's prompts into a file")
    take_out.add_argument("file", metavar="FILE", type=Path)
    take_out.add_argument("--application", metavar="NAME", required=True, help="whose they are")
    take_out.add_argument("--owner", metavar="EMAIL", help="whose application of that name")
    take_out.add_argument(
        "--prompt", metavar="ID", action="append", default=[], help="only this one; may be repeated"
    )
    take_out.set_defaults(run=data.take_out)
    save = add("backup", help="write everything into one file, keys included")
    save.add_argument("file", metavar="FILE", type=Path)
    save.set_defaults(run=data.save)
    bring_back = add("restore", help="bring a backup back into an empty database")
    bring_back.add_argument("file", metavar="FILE", type=Path)
    bring_back.add_argument(
        "--replace", action="store_true", help="delete what the database holds first"
    )
    bring_back.set_defaults(run=data.bring_back)
    rotate = add("rotate-connection-key", help="encrypt the stored provider keys with a new key")
    rotate.set_defaults(run=connections.rotate)


def _add_upkeep_commands(add: AddCommand) -> None:
    rebuild = add("rebuild-rollups", help="count figures of a span of time again from the log")
    rebuild.add_argument("start", metavar="START", type=upkeep.to_moment, help="such as 2026-11-01")
    rebuild.add_argument("end", metavar="END", type=upkeep.to_moment, help="not included")
    rebuild.set_defaults(run=upkeep.rebuild_rollups)
    execution = add("erase-execution", help="erase what was said in a run; figures stay")
    execution.add_argument("execution_id", metavar="ID", type=upkeep.to_id)
    execution.set_defaults(run=upkeep.erase_execution)
    user = add("erase-user", help="erase what a person said in runs and ratings; figures stay")
    user.add_argument("email", metavar="EMAIL")
    user.set_defaults(run=upkeep.erase_user)


def _add_server_commands(add: AddCommand) -> None:
    status = add("mongo-status", help="tell which MongoDB is used and if it runs")
    status.set_defaults(run=server.tell_status)
    stop = add("mongo-stop", help="stop an embedded MongoDB left by a crash")
    stop.set_defaults(run=server.stop)


if __name__ == "__main__":
    sys.exit(main())
