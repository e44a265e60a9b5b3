"""Study 1: generalisation and representational geometry of a standard and an adversarially trained network.

After Neuromatch NeuroAI, W1D3, tutorial 1. Every module turns artifacts into one tidy table.
"""
