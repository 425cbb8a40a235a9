"""A plaintext case tracker of the same pages: an ordinary Django application, which imports nothing of the product.

The bench of pages serves it next to the product on the same machine, with the same server set-up and the same cases.
"""
