"""Facebook Page: posts, comments, mentions and recommendations."""
