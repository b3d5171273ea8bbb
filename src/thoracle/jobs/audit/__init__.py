"""The shortcut laboratory: what a finished classifier bundle rests on, bears and shows."""
