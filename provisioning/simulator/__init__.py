"""A simulated AWS: moto's record keeping, and a layer of ours that gives it AWS's timing and refusals."""
