"""Pages: a view is a function of one screen, that fetches, binds, calls one service and answers."""
