"""The web page and the API over HTTP; needs the extra `serve`."""
