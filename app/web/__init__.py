"""The HTTP edge that all features share: reading requests, answering, pages, errors, static files.

`middleware.install` puts it into an application; routes use the functions of `http`.
"""
