"""Gradients written for other frameworks, checked by :func:`checks.gradcheck` and its siblings.

Import what you need: ``from checks.interop.torch import check_function``. Each module imports its
framework, this package imports none. All functions take gradcheck's keyword arguments and give its
:class:`checks.Report`.
"""
