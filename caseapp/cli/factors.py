"""`caseapp forget-factors E-MAIL`: for somebody who lost the phone and every key. It opens nothing by itself.

Whoever runs the server could delete these rows anyway; a command makes it a plain act that is told to the person.
"""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`caseapp forget-factors E-MAIL`."""
    text = "Take away every second factor of the member with this e-mail address, and end their sessions."
    parser = subparsers.add_parser("forget-factors", description=text)
    parser.add_argument("email", help="the address the member signs in with")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit 0 when there were some, 1 when there is nobody or nothing."""
    import django

    django.setup()
    from caseapp.accounts.signin import active_sessions, factors, sign_in

    found = sign_in.member_at(args.email)
    gone = factors.forget_all(*found) if found else 0
    if not found or not gone:
        print("Nobody with this address has a second factor.")
        return 1
    active_sessions.end_unseen(*found)
    print(f"{gone} second factor(s) taken away. Make sure by telephone that it was this person who asked.")
    return 0
