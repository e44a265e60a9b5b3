"""Cluttered canvases: one intact object among scrambled ones (Thorat, Aldegheri & Kietzmann 2021, arXiv 2111.07898).

In the order in which an image passes through:

``spec``        the recipe: canvas, objects, levels and jitters of position, scale and angle
``sources``     the two datasets that objects are taken from
``counter``     random numbers addressed by (seed, image, draw), so that any image can be made alone
``parameters``  everything random about a canvas, its labels, and its clean version
``swaps``       the same canvas with one property of the target exchanged
``geometry``    from parameters to sizes, corners and rotation matrices
``splines``     zoom and spline prefilter as one small matrix per size
``compiled``, ``batched``  the same rendering for processors (numba) and for any torch device
``rendering``   parameters in, canvases out
``splits``      the sources of a split, from dataset files
``versions``    which versions of a canvas there are
``canvases``    the canvases of a seed by number, as training batches or as stimuli
"""
