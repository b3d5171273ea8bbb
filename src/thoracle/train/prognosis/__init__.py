"""Networks that tell the risk of patients from their charts."""
