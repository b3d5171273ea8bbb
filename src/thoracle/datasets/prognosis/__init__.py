"""Charts of patients from other people's files: readers, checks, the cohort folder, a simulator."""
