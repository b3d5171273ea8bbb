"""The chest-radiograph task: gate, lungs, findings, maps."""
