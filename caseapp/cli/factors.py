"""`caseapp forget-factors E-MAIL`: remove the second factors of a member who lost the phone and every security key.

The command decrypts nothing. A server administrator could also delete these rows by hand.
"""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp forget-factors E-MAIL`."""
    text = "Remove every second factor of the member with this e-mail address, and end their sessions."
    parser = subparsers.add_parser("forget-factors", description=text)
    parser.add_argument("email", help="Address the member signs in with")
    parser.add_argument("--office-code", default="", help="The office's code, if its members sign in with one")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Remove the factors. Return 0 when there were some, 1 when the address has none."""
    import django

    django.setup()
    from caseapp.accounts.signin import active_sessions, factors, sign_in

    member = sign_in.find_member(args.email, args.office_code)
    removed = factors.delete_all(*member) if member else 0
    if not member or not removed:
        print("No member with this address has a second factor.")
        return 1
    active_sessions.end_without_keys(*member)
    print(f"{removed} second factor(s) taken away. Make sure by telephone that it was this person who asked.")
    return 0
