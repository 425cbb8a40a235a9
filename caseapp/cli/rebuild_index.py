"""`caseapp rebuild-index`: request that every list of cases is rebuilt from its case files. It decrypts nothing.

The server has no key to rebuild a list with: the next member of each team who opens Today does it, a few cases at a
time. `caseapp doctor` says how far that is.
"""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp rebuild-index`."""
    text = "Request that every list of cases is rebuilt by the next member of its team who opens Today."
    subparsers.add_parser("rebuild-index", description=text).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Leave the request. Return 0, or 1 when there is no office yet."""
    import django

    django.setup()
    from caseapp.accounts.models import Door
    from caseapp.index import store
    from caseapp.lib import clock

    today = clock.now().date()
    offices = list(Door.objects.values_list("org_id", flat=True).distinct())
    lists = sum(store.request_rebuild(org_id, today) for org_id in offices)
    if not lists:
        print("There is no list of cases on this server yet.")
        return 1
    print(f"Requested for {lists} list(s). The next member of each team who opens Today rebuilds its list.")
    return 0
