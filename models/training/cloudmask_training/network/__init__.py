"""The architecture, with the tensor names of SEnSeIv2 checkpoints."""
