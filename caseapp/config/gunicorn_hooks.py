"""Gunicorn's hooks (`--config`): what a web process begins when it was forked from the one that loaded the program."""


def post_worker_init(_worker: object) -> None:
    """Begin to serve in a new web process."""
    from caseapp.config import wsgi  # loaded by then: earlier it would load before gunicorn's logger is set up

    wsgi.begin_serving()
