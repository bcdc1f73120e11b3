"""A figure drawn with plotly or matplotlib."""
