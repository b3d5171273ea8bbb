"""Pages and JSON over HTTP; handlers only translate."""
