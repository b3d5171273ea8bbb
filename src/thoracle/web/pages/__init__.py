"""The pages: one module for each; handlers parse, call a job and render."""
