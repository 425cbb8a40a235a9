"""The front: the process that every connection from outside meets first. It knows no Django and keeps no byte on disk.

It collects a request in its memory and gives it to the web server (gunicorn, on a socket of this machine) only when it
is whole, so that a slow client occupies no thread. Bodies are small before sign-in; larger ones need an open session.
"""
