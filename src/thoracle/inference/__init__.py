"""Model bundles, and ONNX Runtime, which is used nowhere else."""
