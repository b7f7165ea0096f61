"""Training of small cloud-mask models of the SEnSeIv2 architecture."""
