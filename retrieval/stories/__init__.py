"""Stories: articles about one event, grouped one after the other as they arrive."""
