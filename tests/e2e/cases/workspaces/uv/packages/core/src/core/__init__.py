from markupsafe import escape


def told():
    return escape("<b>")
