"""What a fit is given: data and gene-set masks as tensors."""
