"""The HTTP edge that all features share: reading requests, answering, pages, errors, static files.

`install` (app/web/middleware.py) puts it into an application; routes use the functions of `http`.
"""
