"""The translator behind HTTP: a queue with one worker, LibreTranslate's routes, more routes, and a page."""
